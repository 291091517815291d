"""The resource types served, with their search parameters and patient compartments, as data.

A new type is one entry here or in clinical_types.py (its elements are in r4.json already).
Source: FHIR R4 4.0.1, search parameter registry and CompartmentDefinition Patient.
"""

from integrations.fhir.embedded.clinical_types import CLINICAL_TYPES
from integrations.fhir.embedded.kinds import ResourceType, resource_type

_PERSON = """
identifier  token      identifier
active      token      active
name        string     name
phone       token      telecom[system=phone]
email       token      telecom[system=email]
telecom     token      telecom
gender      token      gender
"""

TYPES: dict[str, ResourceType] = {
    "Patient": resource_type(
        _PERSON
        + """
family      string     name.family
given       string     name.given
birthdate   date       birthDate
address     string     address
language    token      communication.language
general-practitioner   reference  generalPractitioner
organization           reference  managingOrganization
link        reference  link.other
""",
        # A linked record is another person until somebody has merged the two: the patient's
        # compartment is the record itself only (store.py adds it).
    ),
    "RelatedPerson": resource_type(
        _PERSON
        + """
birthdate    date       birthDate
patient      reference  patient
relationship token      relationship
""",
        "patient",
    ),
    "Practitioner": resource_type(
        _PERSON
        + """
family      string     name.family
given       string     name.given
communication token    communication
"""
    ),
    "PractitionerRole": resource_type("""
identifier   token      identifier
active       token      active
practitioner reference  practitioner
organization reference  organization
location     reference  location
service      reference  healthcareService
role         token      code
specialty    token      specialty
date         date       period
"""),
    "Organization": resource_type("""
identifier  token      identifier
active      token      active
name        string     name|alias
type        token      type
address     string     address
partof      reference  partOf
"""),
    "Location": resource_type("""
identifier   token      identifier
name         string     name|alias
status       token      status
type         token      type
address      string     address
organization reference  managingOrganization
partof       reference  partOf
"""),
    "HealthcareService": resource_type("""
identifier       token      identifier
active           token      active
name             string     name
service-type     token      type
service-category token      category
specialty        token      specialty
location         reference  location
organization     reference  providedBy
"""),
    "Schedule": resource_type(
        """
identifier       token      identifier
active           token      active
actor            reference  actor
date             date       planningHorizon
service-type     token      serviceType
service-category token      serviceCategory
specialty        token      specialty
""",
        "actor[Patient]",
    ),
    "Slot": resource_type("""
identifier       token      identifier
schedule         reference  schedule
status           token      status
start            date       start
service-type     token      serviceType
service-category token      serviceCategory
specialty        token      specialty
appointment-type token      appointmentType
"""),
    "Appointment": resource_type(
        """
identifier       token      identifier
status           token      status
date             date       start
patient          reference  participant.actor[Patient]
practitioner     reference  participant.actor[Practitioner]
location         reference  participant.actor[Location]
actor            reference  participant.actor
part-status      token      participant.status
slot             reference  slot
service-type     token      serviceType
service-category token      serviceCategory
specialty        token      specialty
appointment-type token      appointmentType
reason-code      token      reasonCode
based-on         reference  basedOn
supporting-info  reference  supportingInformation
""",
        "participant.actor[Patient]",
    ),
    "Task": resource_type(
        """
identifier       token      identifier
group-identifier token      groupIdentifier
status           token      status
business-status  token      businessStatus
intent           token      intent
priority         token      priority
code             token      code
patient          reference  for[Patient]
subject          reference  for
focus            reference  focus
owner            reference  owner
requester        reference  requester
based-on         reference  basedOn
part-of          reference  partOf
performer        token      performerType
authored-on      date       authoredOn
modified         date       lastModified
period           date       executionPeriod
""",
        # R4's compartment names owner and focus only; who the task is for belongs to it as well.
        "for[Patient]",
        "owner[Patient]",
        "focus[Patient]",
    ),
    "Communication": resource_type(
        """
identifier  token      identifier
status      token      status
patient     reference  subject[Patient]
subject     reference  subject
sender      reference  sender
recipient   reference  recipient
sent        date       sent
received    date       received
part-of     reference  partOf
based-on    reference  basedOn
medium      token      medium
category    token      category
""",
        "subject[Patient]",
        "sender[Patient]",
        "recipient[Patient]",
    ),
    "Consent": resource_type(
        """
identifier  token      identifier
status      token      status
patient     reference  patient
consentor   reference  performer
organization reference organization
scope       token      scope
category    token      category
date        date       dateTime
period      date       provision.period
actor       reference  provision.actor.reference
action      token      provision.action
purpose     token      provision.purpose
source-reference reference sourceReference
""",
        "patient",
    ),
    **CLINICAL_TYPES,
}
