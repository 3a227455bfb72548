"""Counters for Prometheus, on a registry of our own so that two apps in one test do not meet."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

DELAYS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)  # seconds


class Metrics:
    """Everything this process counts. Names follow the Prometheus conventions."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "levelhead_command_seconds", "Time to an answer", ["command"], registry=self.registry
        )
        self.bugs = Counter(
            "levelhead_bugs", "Commands that ended in an exception of ours", registry=self.registry
        )
        self.sent = Counter(
            "levelhead_sent", "Messages pushed", ["platform", "kind"], registry=self.registry
        )
        self.failed = Counter(
            "levelhead_send_failures",
            "Sends refused",
            ["platform", "kind"],
            registry=self.registry,
        )
        self.alert_delay = Histogram(
            "levelhead_alert_delay_seconds",
            "From what an alert saw to its message, but for what the chat's own silence held",
            ["platform"],
            buckets=DELAYS,
            registry=self.registry,
        )
        self.store_up = Gauge(
            "levelhead_store_up", "Whether the store answers", registry=self.registry
        )
        self.owed = Gauge("levelhead_owed", "Messages owed now", registry=self.registry)
        self.in_hand = Gauge(
            "levelhead_in_hand",
            "Of those owed, handed out and not settled",
            registry=self.registry,
        )
        self.given_up = Gauge(
            "levelhead_given_up",
            "Messages that only a person can send again",
            registry=self.registry,
        )
        self.source_age = Gauge(
            "levelhead_source_age_seconds",
            "Age of the last good answer",
            ["source", "kind"],
            registry=self.registry,
        )
        self.feed_age = Gauge(
            "levelhead_feed_age_seconds", "Age of the last frame", ["feed"], registry=self.registry
        )

    @contextmanager
    def command(self, name: str) -> Iterator[None]:
        with self._seconds.labels(name).time():
            yield

    def text(self) -> bytes:
        return generate_latest(self.registry)
