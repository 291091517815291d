"""The types that hold what is known of a patient: findings, medicines, answers, who said so.

Quantities and composites are not compared by this store: such parameters (value-quantity,
onset-age, code-value-quantity) are left out, so that they are refused and never ignored.
Source: FHIR R4 4.0.1, search parameter registry and CompartmentDefinition Patient.
"""

from integrations.fhir.embedded.kinds import ResourceType, resource_type

CLINICAL_TYPES: dict[str, ResourceType] = {
    "AllergyIntolerance": resource_type(
        """
identifier          token      identifier
clinical-status     token      clinicalStatus
verification-status token      verificationStatus
type                token      type
category            token      category
criticality         token      criticality
code                token      code | reaction.substance
manifestation       token      reaction.manifestation
severity            token      reaction.severity
route               token      reaction.exposureRoute
onset               date       reaction.onset
date                date       recordedDate
last-date           date       lastOccurrence
patient             reference  patient
recorder            reference  recorder
asserter            reference  asserter
""",
        "patient",
        "recorder[Patient]",
        "asserter[Patient]",
    ),
    "Condition": resource_type(
        """
identifier          token      identifier
clinical-status     token      clinicalStatus
verification-status token      verificationStatus
category            token      category
severity            token      severity
code                token      code
body-site           token      bodySite
stage               token      stage.summary
evidence            token      evidence.code
evidence-detail     reference  evidence.detail
onset-date          date       onsetDateTime | onsetPeriod
onset-info          string     onsetString
abatement-date      date       abatementDateTime | abatementPeriod
abatement-string    string     abatementString
recorded-date       date       recordedDate
patient             reference  subject[Patient]
subject             reference  subject
encounter           reference  encounter
asserter            reference  asserter
""",
        "subject[Patient]",
        "asserter[Patient]",
    ),
    "Observation": resource_type(
        """
identifier          token      identifier
status              token      status
category            token      category
code                token      code
combo-code          token      code | component.code
component-code      token      component.code
value-concept       token      valueCodeableConcept
component-value-concept token  component.valueCodeableConcept
combo-value-concept token      valueCodeableConcept | component.valueCodeableConcept
data-absent-reason  token      dataAbsentReason
component-data-absent-reason token component.dataAbsentReason
combo-data-absent-reason token dataAbsentReason | component.dataAbsentReason
value-date          date       valueDateTime | valuePeriod
value-string        string     valueString | valueCodeableConcept.text
method              token      method
date  date  effectiveDateTime | effectivePeriod | effectiveInstant | effectiveTiming.event
patient             reference  subject[Patient]
subject             reference  subject
performer           reference  performer
encounter           reference  encounter
focus               reference  focus
device              reference  device
specimen            reference  specimen
based-on            reference  basedOn
part-of             reference  partOf
has-member          reference  hasMember
derived-from        reference  derivedFrom
""",
        "subject[Patient]",
        "performer[Patient]",
    ),
    "Medication": resource_type("""
identifier      token      identifier
status          token      status
code            token      code
form            token      form
ingredient      reference  ingredient.itemReference
ingredient-code token      ingredient.itemCodeableConcept
manufacturer    reference  manufacturer
lot-number      token      batch.lotNumber
expiration-date date       batch.expirationDate
"""),
    "MedicationRequest": resource_type(
        """
identifier          token      identifier
status              token      status
intent              token      intent
category            token      category
priority            token      priority
code                token      medicationCodeableConcept
medication          reference  medicationReference
authoredon          date       authoredOn
date                date       dosageInstruction.timing.event
patient             reference  subject[Patient]
subject             reference  subject
encounter           reference  encounter
requester           reference  requester
intended-performer  reference  performer
intended-performertype token   performerType
intended-dispenser  reference  dispenseRequest.performer
""",
        "subject[Patient]",
    ),
    "MedicationStatement": resource_type(
        """
identifier  token      identifier
status      token      status
category    token      category
code        token      medicationCodeableConcept
medication  reference  medicationReference
effective   date       effectiveDateTime | effectivePeriod
patient     reference  subject[Patient]
subject     reference  subject
source      reference  informationSource
context     reference  context
part-of     reference  partOf
""",
        "subject[Patient]",
    ),
    "Questionnaire": resource_type("""
identifier   token   identifier
url          uri     url
version      token   version
name         string  name
title        string  title
status       token   status
date         date    date
effective    date    effectivePeriod
publisher    string  publisher
description  string  description
code         token   item.code
definition   uri     item.definition
subject-type token   subjectType
jurisdiction token   jurisdiction
context      token   useContext.valueCodeableConcept
context-type token   useContext.code
"""),
    "QuestionnaireResponse": resource_type(
        """
identifier    token      identifier
status        token      status
questionnaire canonical  questionnaire
authored      date       authored
patient       reference  subject[Patient]
subject       reference  subject
author        reference  author
source        reference  source
encounter     reference  encounter
based-on      reference  basedOn
part-of       reference  partOf
""",
        "subject[Patient]",
        "author[Patient]",
    ),
    "AppointmentResponse": resource_type(
        """
identifier   token      identifier
appointment  reference  appointment
part-status  token      participantStatus
actor        reference  actor
patient      reference  actor[Patient]
practitioner reference  actor[Practitioner]
location     reference  actor[Location]
""",
        "actor[Patient]",
    ),
    "CommunicationRequest": resource_type(
        """
identifier       token      identifier
group-identifier token      groupIdentifier
status           token      status
priority         token      priority
category         token      category
medium           token      medium
authored         date       authoredOn
occurrence       date       occurrenceDateTime
patient          reference  subject[Patient]
subject          reference  subject
requester        reference  requester
sender           reference  sender
recipient        reference  recipient
encounter        reference  encounter
based-on         reference  basedOn
replaces         reference  replaces
""",
        "subject[Patient]",
        "sender[Patient]",
        "recipient[Patient]",
        "requester[Patient]",
    ),
    "Provenance": resource_type(
        """
target         reference  target
patient        reference  target[Patient]
agent          reference  agent.who
agent-role     token      agent.role
agent-type     token      agent.type
entity         reference  entity.what
location       reference  location
recorded       date       recorded
when           date       occurredDateTime
signature-type token      signature.type
""",
        "target[Patient]",
    ),
}
