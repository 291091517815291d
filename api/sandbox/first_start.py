"""The first start of a sandbox: the demo data, once."""

from api.bootstrap import Ports
from api.sandbox.seed import seed
from api.sandbox.staff import seed_staff
from integrations.ports.fhir import Query


async def seed_if_empty(ports: Ports) -> bool:
    """Write the demo data where no patient is on record yet; whether it did."""
    now = await ports.clock.now()
    async with ports.database.transaction() as session:
        fhir = ports.backend.on(await session.connection())
        page = await fhir.search(Query("Patient", (("_count", "1"),)))
        if page.entries:
            await seed_staff(session, ports.keyring)  # data of a version without accounts
            return False
        await seed(session, ports.backend, ports.keyring, now=now)
    return True
