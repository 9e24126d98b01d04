"""Where an item stands, from a tracker's own word for it."""

from debtplan.core.item import ItemState

_DONE = (
    "done, closed, close, resolved, completed, complete, finished, fixed, released, shipped, "
    "verified, obsolete, invalid, incomplete, abandoned, archived, not planned, won't be fixed, "
    "can't reproduce, cannot reproduce, deployed, live, cancelled, canceled, rejected, "
    "declined, duplicate, removed, won't do, won't fix, wontfix, erledigt, fertig, geschlossen, "
    "abgeschlossen, gelöst, terminé, fermé, résolu, hecho, cerrado, cerrada, resuelto, "
    "resuelta, listo, finalizado, finalizada, terminado, completado, cancelado, concluído, "
    "concluido, fechado, fatto, chiuso, gereed, klaar, готово, 完成, 已完成, 已关闭, 已解决, "
    "已取消, 关闭, 完了, 解決済み, クローズ"
)
_IN_PROGRESS = (
    "in progress, in_progress, doing, started, active, in development, in review, code review, "
    "review, reviewing, testing, in testing, in test, qa, in qa, verify, merge, in arbeit, in "
    "bearbeitung, committed, assigned, patch available, reviewable, ready for review, ready for "
    "qa, ready for test, in uat, en cours, en curso, en progreso, en proceso, en revisión, em "
    "andamento, in corso, в работе, 进行中, 处理中, 开发中, 测试中, 進行中, 作業中"
)
_OPEN = (
    "open, opened, reopened, new, to do, todo, to_do, backlog, ready, ready for development, "
    "selected for development, planned, accepted, triage, blocked, on hold, waiting, "
    "unresolved, pending, unstarted, unscheduled, proposed, approved, unconfirmed, confirmed, "
    "draft, icebox, not started, to be discussed, needs triage, offen, neu, zu erledigen, à "
    "faire, ouvert, nouveau, por hacer, pendiente, tareas por hacer, abierto, abierta, nuevo, "
    "aberto, da fare, 待办, 待处理, 未开始, 新建, 打开, 未着手, 未対応, オープン"
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
    return _STATES.get(" ".join(word.casefold().replace("’", "'").split()))  # noqa: RUF001
