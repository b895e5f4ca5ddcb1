"""Where the claims of an entity dataset stand, and how its contract declares the entity."""

from fieldhouse.contracts import Contract, Entity
from fieldhouse.errors import InternalError


def entity_of(contract: Contract) -> Entity:
    """The entity declaration of a dataset that mints ids."""
    if contract.entity is None:
        raise InternalError(f"{contract.name} declares no entity")
    return contract.entity


def claims_table(contract: Contract) -> str:
    """The table that holds all sources' claims of a dataset."""
    return f'claims."{contract.name}"'
