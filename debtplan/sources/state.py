"""Where an item stands, from a tracker's own word for it."""

from debtplan.core.item import ItemState

_DONE = (
    "done, closed, close, resolved, completed, complete, finished, fixed, released, shipped, "
    "verified, cancelled, canceled, rejected, declined, duplicate, removed, won't do, won't fix, "
    "wontfix, erledigt, fertig, geschlossen, abgeschlossen, gelöst, terminé, fermé, résolu, "
    "hecho, cerrado, resuelto, concluído, fechado, fatto, chiuso, gereed, klaar, готово, "
    "完成, 已完成, 已关闭, 已解决, 完了"
)
_IN_PROGRESS = (
    "in progress, in_progress, doing, started, active, in development, in review, code review, "
    "review, reviewing, testing, in testing, in test, qa, in qa, verify, merge, in arbeit, "
    "in bearbeitung, en cours, en curso, em andamento, in corso, в работе, 进行中, 处理中, 進行中"
)
_OPEN = (
    "open, opened, reopened, new, to do, todo, to_do, backlog, ready, ready for development, "
    "selected for development, planned, accepted, triage, blocked, on hold, waiting, unresolved, "
    "pending, offen, neu, zu erledigen, à faire, ouvert, nouveau, por hacer, abierto, aberto, "
    "da fare, 待办, 新建, 打开, 未着手"
)
_STATES = {
    word.strip(): state
    for words, state in (
        (_DONE, ItemState.DONE),
        (_IN_PROGRESS, ItemState.IN_PROGRESS),
        (_OPEN, ItemState.OPEN),
    )
    for word in words.split(",")
}


def state_of_word(word: str) -> ItemState | None:
    """Return the state that a well-known status name means, None where it is not well known."""
    return _STATES.get(" ".join(word.casefold().split()))
