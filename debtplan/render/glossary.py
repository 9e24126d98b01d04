"""The ten words of the report that a product manager need not know, each explained once."""

from typing import NamedTuple


class Word(NamedTuple):
    """A word, the id it is linked by, and its meaning."""

    id: str
    word: str
    meaning: str


GLOSSARY = (
    Word(
        "frustrated",
        "Frustrated session",
        "A visit that went wrong for its user: it failed, was given up, or kept them waiting far "
        "too long. One that only annoyed counts one half.",
    ),
    Word(
        "harm",
        "Harm",
        "Frustrated sessions per sprint beyond the goal: sessions × (measured share − goal). The "
        "only unit of this report. People hurt twice are counted once.",
    ),
    Word(
        "goal",
        "Goal",
        "The share of frustrated sessions that the team accepts: a target, or what counts as "
        "normal for the step.",
    ),
    Word(
        "likely",
        "Likely",
        "The range that holds the truth in 8 of 10 cases. A number without a range says so.",
    ),
    Word(
        "share",
        "Share",
        "The part of the harm that an item removes if it works. Measured where it can be; "
        "otherwise the report says that we assume it.",
    ),
    Word(
        "grade",
        "Grade",
        "How far the evidence is trusted, from A (a randomised test) to E (an opinion). The value "
        "is multiplied by the chance that the grade stands for.",
    ),
    Word(
        "shrunk",
        "Shrunk",
        "The best of many rough estimates is usually too high. Values that stand out are lowered "
        "by as much as their own uncertainty calls for.",
    ),
    Word(
        "reserve",
        "Reserve",
        "The part of a sprint that the team keeps for technical debt: at least the floor, at most "
        "the ceiling.",
    ),
    Word(
        "worlds",
        "Simulated worlds",
        "The plan is made again many times with harm, shares and grades drawn from their "
        "ranges. An item chosen in 98% of them hardly depends on any one number.",
    ),
    Word(
        "track",
        "Track record",
        "What earlier forecasts delivered of what they claimed. Today's forecasts are multiplied "
        "by it, once enough of them have been checked.",
    ),
)
