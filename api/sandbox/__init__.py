"""A world to try Careline in: a fake SMS provider with phones, a clock that can be set, faults.

Owns the fakes' state and the demo data. Refuses to load outside sandbox mode.
"""

from api.sandbox.faulty import faulty_backend, faulty_engine
from api.sandbox.first_start import seed_if_empty
from api.sandbox.mail import CaughtMail
from api.sandbox.page_routes import demo_site
from api.sandbox.routes import router
from api.sandbox.staff import DEMO_STAFF

__all__ = [
    "DEMO_STAFF",
    "CaughtMail",
    "demo_site",
    "faulty_backend",
    "faulty_engine",
    "router",
    "seed_if_empty",
]
