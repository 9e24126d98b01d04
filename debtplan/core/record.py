"""The two bases of every record: a frozen value, and one that a table may inherit from."""

from pydantic import BaseModel, ConfigDict
from sqlmodel import SQLModel


class Value(BaseModel):
    """A frozen value: unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Stored(SQLModel):
    """A record that the store keeps: tables inherit from it, so nothing is mapped by hand.

    Frozen like `Value`. Fields that hold other records name a JSON column.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)  # type: ignore[assignment]
