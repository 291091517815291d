"""Field encryption and keyed look-up: the key-encryption key, data keys, sealed fields.

A key-encryption key (KEK) wraps one random data key per owner (a patient, a conversation, the
audit); the data key seals fields with AES-256-GCM. Table, column and row are bound in as
associated data, so a value moved to another place does not open. Destroying an owner's data key
makes everything sealed under it unreadable, in backups too.
"""

import hashlib
import hmac
import os
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from api.core.clock import real_now
from api.core.db import Base, Database, Instant

FORMAT = b"\x01"
KEY_ID_BYTES = 16
NONCE_BYTES = 12
CACHED_KEYS = 10_000


class SealBroken(Exception):
    """A sealed value does not open here: wrong key, wrong place, or altered."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives; it opens nowhere else."""

    table: str
    column: str
    row: str

    def bound(self) -> bytes:
        """The associated data of the seal."""
        return f"{self.table}|{self.column}|{self.row}".encode()


class DataKeyRow(Base):
    """One owner's data key, wrapped by the key-encryption key."""

    __tablename__ = "data_key"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner: Mapped[str] = mapped_column(String, unique=True)
    kek_id: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[object] = mapped_column(Instant)


class Keyring:
    """Seals and opens fields, and hashes identifiers for look-up.

    Data keys are made in a transaction of their own: a key that a rolled-back caller had made
    could otherwise be in the cache while its row is gone.
    """

    def __init__(self, database: Database, *, kek: str, lookup_key: str) -> None:
        self._engine = database.side_engine
        self._kek = hashlib.sha256(b"careline kek|" + kek.encode()).digest()
        self._kek_id = hashlib.sha256(b"id|" + self._kek).hexdigest()[:16]
        self._lookup_key = hashlib.sha256(b"careline lookup|" + lookup_key.encode()).digest()
        self._by_owner: dict[str, tuple[bytes, AESGCM]] = {}

    def lookup(self, text: str) -> bytes:
        """A keyed hash by which an identifier (a phone number) is found without storing it."""
        return hmac.digest(self._lookup_key, text.encode(), "sha256")

    async def seal(self, text: str, *, owner: str, place: Place) -> bytes:
        """Encrypt a text for one owner and one place."""
        key_id, cipher = await self._data_key(owner)
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), place.bound())
        return FORMAT + key_id + nonce + sealed

    async def unseal(self, sealed: bytes, *, owner: str, place: Place) -> str:
        """Decrypt what `seal` made.

        Raises:
            SealBroken: wrong owner, wrong place, altered, or the owner's key was destroyed.
        """
        key_id, cipher = await self._data_key(owner)
        header = 1 + KEY_ID_BYTES
        if sealed[:1] != FORMAT or sealed[1:header] != key_id:
            raise SealBroken
        nonce, body = sealed[header : header + NONCE_BYTES], sealed[header + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, place.bound()).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise SealBroken from None

    async def fetch(self, owners: Collection[str]) -> None:
        """Get the keys of many owners at once, for whoever opens something of each of them."""
        missing = [owner for owner in owners if owner not in self._by_owner]
        if not missing:
            return
        wanted = select(DataKeyRow.id, DataKeyRow.owner, DataKeyRow.wrapped)
        async with self._engine.connect() as connection:
            found = await connection.execute(wanted.where(DataKeyRow.owner.in_(missing)))
            rows = found.all()
        self._make_room(len(rows))
        for row in rows:
            self._by_owner[row.owner] = self._key(row.id, row.wrapped, row.owner)

    def forget(self) -> None:
        """Drop the cached keys, after owners or all data were erased."""
        self._by_owner.clear()

    async def _data_key(self, owner: str) -> tuple[bytes, AESGCM]:
        cached = self._by_owner.get(owner)
        if cached is None:
            self._make_room(1)
            cached = self._by_owner[owner] = await self._load_or_make(owner)
        return cached

    def _make_room(self, count: int) -> None:
        if len(self._by_owner) + count > CACHED_KEYS:
            self._by_owner.clear()

    def _key(self, id_: str, wrapped: bytes, owner: str) -> tuple[bytes, AESGCM]:
        return uuid.UUID(id_).bytes, AESGCM(self._unwrap(wrapped, owner))

    async def _load_or_make(self, owner: str) -> tuple[bytes, AESGCM]:
        async with self._engine.begin() as connection:
            found = select(DataKeyRow.id, DataKeyRow.wrapped).where(DataKeyRow.owner == owner)
            row = (await connection.execute(found)).first()
            if row is None:
                fresh = insert(DataKeyRow).values(self._fresh_key(owner)).on_conflict_do_nothing()
                await connection.execute(fresh)
                row = (await connection.execute(found)).one()
        return self._key(row.id, row.wrapped, owner)

    def _fresh_key(self, owner: str) -> dict[str, object]:
        nonce = os.urandom(NONCE_BYTES)
        wrapped = nonce + AESGCM(self._kek).encrypt(nonce, os.urandom(32), owner.encode())
        return {
            "id": str(uuid.uuid4()),
            "owner": owner,
            "kek_id": self._kek_id,
            "wrapped": wrapped,
            "created_at": real_now(),
        }

    def _unwrap(self, wrapped: bytes, owner: str) -> bytes:
        nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(self._kek).decrypt(nonce, body, owner.encode())
        except InvalidTag:
            raise SealBroken from None
