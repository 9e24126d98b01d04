"""Prerequisites as a graph: its cycles, and an order that respects it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from heapq import heappop, heappush


def find_cycles(waits: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return one cycle for every group of items that wait for each other, smallest key first.

    Tarjan's strongly connected components (1972), without recursion: chains may be thousands long.
    """
    cycles = []
    for group in _components(waits):
        if len(group) > 1:
            cycles.append(_cycle_in(group, waits))
        elif group[0] in tuple(waits.get(group[0], ())):
            cycles.append((group[0],))
    return tuple(sorted(cycles))


def work_order(
    keys: Collection[str], waits: Mapping[str, Iterable[str]], rank: Callable[[str], float]
) -> tuple[str, ...]:
    """Return the keys with prerequisites first, else by falling rank, else by key.

    Keys on a cycle come last, by rank.
    """
    wanted = set(keys)
    left = {key: wanted.intersection(waits.get(key, ())) for key in sorted(wanted)}
    followers: dict[str, list[str]] = {}
    for key, before in left.items():
        for one in before:
            followers.setdefault(one, []).append(key)
    ready: list[tuple[float, str]] = []
    for key, before in left.items():
        if not before:
            heappush(ready, (-rank(key), key))
    order: list[str] = []
    while ready:
        _, key = heappop(ready)
        order.append(key)
        for follower in followers.get(key, ()):
            left[follower].discard(key)
            if not left[follower]:
                heappush(ready, (-rank(follower), follower))
    stuck = sorted(wanted - set(order), key=lambda key: (-rank(key), key))
    return (*order, *stuck)


def closure(
    keys: Iterable[str], waits: Mapping[str, Iterable[str]], without: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the keys with everything they wait for, directly or not, sorted.

    Args:
        keys: Where to start.
        waits: What each waits for.
        without: Left out, and not walked through; their own closure has been walked before.
    """
    seen: set[str] = set()
    queue = list(keys)
    while queue:
        one = queue.pop()
        if one not in seen and one not in without:
            seen.add(one)
            queue.extend(waits.get(one, ()))
    return tuple(sorted(seen))


def dependents(waits: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return what waits for each key, directly."""
    followers: dict[str, list[str]] = {}
    for key, before in waits.items():
        for one in before:
            followers.setdefault(one, []).append(key)
    return followers


def _components(waits: Mapping[str, Iterable[str]]) -> list[list[str]]:
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in sorted(waits):
        if root in index:
            continue
        work = [(root, iter(sorted(waits.get(root, ()))))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            key, children = work[-1]
            child = next(children, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    found.append(_pop_group(key, stack, on_stack))
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(sorted(waits.get(child, ())))))
            elif child in on_stack:
                low[key] = min(low[key], index[child])
    return found


def _pop_group(key: str, stack: list[str], on_stack: set[str]) -> list[str]:
    group = []
    while True:
        one = stack.pop()
        on_stack.discard(one)
        group.append(one)
        if one == key:
            return group


def _cycle_in(group: list[str], waits: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the shortest cycle through the group's smallest key, by breadth-first search."""
    members, start = set(group), min(group)
    came: dict[str, str] = {}
    queue = [start]
    for key in queue:
        for one in sorted(set(waits.get(key, ())) & members):
            if one == start:
                path = [key]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            if one not in came:
                came[one] = key
                queue.append(one)
    return tuple(sorted(group))
