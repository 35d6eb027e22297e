"""Pictures: store one, and give it back to its owner only."""

from __future__ import annotations

from bank.domain.actors import Actor
from bank.domain.errors import InvalidInput
from bank.domain.ids import make_id
from bank.domain.pictures import KEPT_COUNT, PNG_BYTES_MAX, StoredPicture
from bank.policies.access import require
from bank.ports import Clock, Store, UnitOfWork

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


class Pictures:
    """What was drawn for customers."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def store(self, actor: Actor, png: bytes) -> str:
        """Keep a picture and return its id; the customer's oldest beyond KEPT_COUNT go.

        Raises NotAuthenticated, NotPermitted, InvalidInput (not a PNG, or too large).
        """
        customer_id = actor.require_customer()
        if not png.startswith(_PNG_MAGIC) or len(png) > PNG_BYTES_MAX:
            raise InvalidInput(field="png", max_bytes=PNG_BYTES_MAX)
        picture = StoredPicture(make_id("pi"), customer_id, png, self._clock())

        def work(uow: UnitOfWork) -> str:
            uow.pictures.add(picture)
            surplus_count = uow.pictures.count(customer_id=customer_id) - KEPT_COUNT
            if surplus_count > 0:
                for oldest in uow.pictures.list(customer_id=customer_id, limit=surplus_count):
                    uow.pictures.remove(oldest.id)
            return picture.id

        return self._store.write(work)

    def get(self, actor: Actor, picture_id: str) -> bytes:
        """Return the PNG to its owner. Raises NotFound for everybody else, NotAuthenticated."""
        picture: StoredPicture = self._store.read(lambda uow: uow.pictures.get(picture_id))
        require(actor, "pictures.get", owner_id=picture.customer_id)
        return picture.png
