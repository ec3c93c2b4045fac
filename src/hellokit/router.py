"""The router: binds chains of backends to routes that are metered, with records delivered."""

from __future__ import annotations

from weakref import finalize

from hellokit.metering.meter import Meter
from hellokit.metering.sinks import delivery, taker
from hellokit.plugins import COLOURS
from hellokit.routes import bound, bridged, no_inner, wrapped_async

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hellokit.bridge import Bridge
    from hellokit.catalogue import Catalogue
    from hellokit.configuration import Settings
    from hellokit.metering.record import Record
    from hellokit.metering.sinks import Failed
    from hellokit.metering.snapshot import Snapshot
    from hellokit.plugins import Plugins
    from hellokit.routes import Route
    from hellokit.state import State


class Router:
    """The routes of one kit, the meters on them, and the threads that they may need.

    Args:
        kit: what backends are given as `kit`.
        plugins: the kit's plugin manager.
        catalogue: the kit's backends.
        settings: the settings to start with.
        failed: told of the plugin of a sink that raised.
    """

    def __init__(
        self,
        kit: object,
        plugins: Plugins,
        catalogue: Catalogue,
        settings: Settings,
        failed: Failed,
    ) -> None:
        self._kit = kit
        self._plugins = plugins
        self._catalogue = catalogue
        self._settings = settings
        self._failed = failed
        self._deliver: Callable[[Record], None] | None = None
        self._silent: set[object] = set()
        self._bridges: dict[str, Bridge] = {}
        self._meters: dict[str, Meter] = {}

    def route(self, chain: tuple[str, ...], load: Callable[[str], object], state: State) -> Route:
        """Return the route of the first backend of `chain`, metered, in front of the others'.

        Args:
            chain: the names of the backends, outermost first.
            load: returns the backend with a name.
            state: whose settings and wordings the route goes by.
        """
        inner = self.route(chain[1:], load, state) if chain[1:] else None
        name = chain[0]
        plugin = load(name)
        others = [other for other in self._catalogue.loaded() if other is not plugin]
        meter = self._meters.setdefault(name, Meter(name))
        meter.keep_in(self._settings.metrics_dir)
        values = {
            "kit": self._kit,
            "backend": name,
            "words": state.wordings.text,
            "note": meter.note,
            "settings": state.settings,
            "chain": "+".join(chain),
            "inner": no_inner(name),
        }
        inners = (inner.call, inner.call_async) if inner else (no_inner(name), no_inner(name))
        sync, coroutine = (
            bound(self._plugins, hook, others, {**values, "inner": below})
            if self._plugins.own(plugin, hook)
            else None
            for hook, below in zip(COLOURS, inners, strict=True)
        )
        if coroutine is not None:
            coroutine = wrapped_async(self._plugins, others, values, coroutine)
        blocks = bool(getattr(plugin, "blocking", False)) or bool(inner and inner.blocks)
        return self._metered(meter, sync, coroutine, state.settings.metrics, blocks=blocks)

    def _metered(
        self, meter: Meter, sync: Any, coroutine: Any, mode: str, *, blocks: bool
    ) -> Route:
        """Return the route of a backend that has the one colour, the other, or both."""
        deliver = self._deliver
        batch = meter.batched(sync, mode) if sync is not None and deliver is None else None
        if sync is not None:
            sync = meter.recorded(sync, deliver) if deliver else meter.metered(sync, mode)
        if coroutine is not None:
            coroutine = (
                meter.recorded_async(coroutine, deliver)
                if deliver
                else meter.metered_async(coroutine, mode)
            )
        return bridged(sync, coroutine, self.bridge, blocks=blocks, batch=batch)

    def bridge(self) -> Bridge:
        """Return the bridge between sync and async, made when first needed."""
        from hellokit.bridge import Bridge

        if not self._bridges:
            made = Bridge(self._settings.max_concurrent)
            # In one step, as calls run without the lock; what is made in vain has no thread yet.
            if self._bridges.setdefault("", made) is made:
                finalize(self._kit, made.end).atexit = False
        return self._bridges[""]

    def changed(self, settings: Settings) -> None:
        """Go by other settings, and by the sinks that there are now, in routes to come."""
        if settings.max_concurrent != self._settings.max_concurrent:
            for bridge in self._bridges.values():
                bridge.resize(settings.max_concurrent)
        self._settings = settings
        self._deliver = self._delivery()

    def _delivery(self) -> Callable[[Record], None] | None:
        """Return what gives a record to the sinks; None when nobody listens."""
        sinks = [
            (taker(each), each.plugin)
            for each in self._plugins.implementations("hellokit_record")
            if each.plugin not in self._silent
        ]
        if not sinks or self._settings.metrics == "off":
            return None

        def failed(plugin: object, error: BaseException) -> None:
            self._silent.add(plugin)
            self._failed(plugin, error)

        return delivery(sinks, failed)

    def left(self, plugin: object) -> None:
        """Forget a plugin that is taken out: should it come back, it is heard again."""
        self._silent.discard(plugin)

    def metrics(self) -> Snapshot:
        """Return what was counted."""
        from hellokit.metering.snapshot import Snapshot

        return Snapshot({name: meter.read() for name, meter in list(self._meters.items())})

    def close(self, *, for_good: bool) -> None:
        """End the threads.

        Args:
            for_good: whether threads are refused from now on, and not started again.
        """
        for bridge in list(self._bridges.values()):
            if for_good:
                bridge.end()
            else:
                bridge.close()

    def forked(self) -> None:
        """Start from zero in a child: its threads are gone, the counts are the parent's."""
        self._bridges = {}
        for meter in self._meters.values():
            meter.forget()
