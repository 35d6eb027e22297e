"""Logins that are not a customer's own: counters for sources and accounts, habits of accounts.

    from one source   many accounts, slowly, tries again   password_spraying      T1110.003
                      many accounts, quickly, once each    credential_stuffing    T1110.004
    on one account    many failures                        brute_force            T1110.001
    from everywhere   many accounts on strange devices     distributed_stuffing   T1110.004
    a success         too far from the last one            impossible_travel      T1078
                      on a device never seen               new_device             T1078

What looks alike and is not: an office behind one address (most of its logins succeed, on devices
the accounts know), the day after a reset of passwords (many failures everywhere, on known devices,
then successes), a phone whose address jumps between towns (the same device travels). So failures
on a device or address the account knows weigh nothing for the rules about sources.

Accounts and devices are held only as keys in bounded memory, and nothing is written down.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from analytics.threats.alerts import Alert, Evidence, Severity
from analytics.threats.counting import Book, Burst, Distinct
from analytics.threats.events import Login, moment
from analytics.threats.thresholds import Thresholds

_EARTH_KM = 6_371.0
_DEVICES_MOST, _ADDRESSES_MOST = 16, 16
_SHOWN = 5
#: Habits are kept for half a year.
_HABIT_SPAN_S = 182 * 86_400.0
#: Less time between two logins than this is a matter of clocks.
_STEP_LEAST_S = 60.0
_ACCOUNTS_COUNTED = 256


class _Source:
    """One address: which accounts it failed on, and how its attempts ended."""

    __slots__ = ("failed", "failed_level", "fast", "level", "slow")

    def __init__(self) -> None:
        self.fast = Distinct(most=64)
        self.slow = Distinct(most=64)
        self.level, self.failed_level = Burst(), Burst()
        self.failed = Burst()


class _Account:
    """One account: its failures, and what is usual for it."""

    __slots__ = ("addresses", "devices", "failures", "last", "logins_count")

    def __init__(self) -> None:
        self.failures = Burst()
        self.devices = Distinct(most=_DEVICES_MOST)
        self.addresses = Distinct(most=_ADDRESSES_MOST)
        self.logins_count = 0
        #: When, where and on which device it last succeeded with a place known.
        self.last: tuple[float, tuple[float, float], str] | None = None

    def knows(self, login: Login) -> bool:
        return (bool(login.device) and login.device in self.devices) or (
            login.source_ip in self.addresses
        )


class LoginWatch:
    """Takes logins one by one, in about the order of time; returns the alerts each one causes."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._at = thresholds
        memory = thresholds["memory"]
        self._sources = Book(_Source, most=int(memory["sources"]))
        self._accounts = Book(_Account, most=int(memory["accounts"]))
        self._strange_accounts = Distinct(most=_ACCOUNTS_COUNTED)
        self._strange_sources = Distinct(most=_ACCOUNTS_COUNTED)
        self._strange, self._all = Burst(), Burst()

    @property
    def forgotten_count(self) -> int:
        """Sources and accounts that memory had no place for any more."""
        return self._sources.forgotten_count + self._accounts.forgotten_count

    def take(self, login: Login) -> list[Alert]:
        """Count one attempt; return what it makes suspicious."""
        account = self._accounts.at(login.account)
        source = self._sources.at(login.source_ip)
        found: list[Alert | None]
        if login.succeeded:
            found = [self._travel(login, account), self._device(login, account)]
            self._note_success(login, account, source)
        else:
            known = account.knows(login)
            strange = not known and (account.logins_count > 0 or login.unknown_account)
            self._note_failure(login, account, source, known=known)
            found = [
                self._brute_force(login, account),
                self._many_accounts(login, source),
                self._from_everywhere(login, strange=strange),
            ]
        return [alert for alert in found if alert is not None]

    def _note_success(self, login: Login, account: _Account, source: _Source) -> None:
        span_s = self._at["password_spraying"]["span_s"]
        source.level.add(login.at_s, half_life_s=span_s)
        self._all.add(login.at_s, half_life_s=self._at["distributed_stuffing"]["span_s"])
        if login.device:
            account.devices.add(login.device, login.at_s, span_s=_HABIT_SPAN_S)
        account.addresses.add(login.source_ip, login.at_s, span_s=_HABIT_SPAN_S)
        account.logins_count += 1
        account.failures = Burst()
        if login.place is not None:
            account.last = (login.at_s, login.place, login.device)

    def _note_failure(
        self, login: Login, account: _Account, source: _Source, *, known: bool
    ) -> None:
        slow, fast = self._at["password_spraying"], self._at["credential_stuffing"]
        account.failures.add(login.at_s, half_life_s=self._at["brute_force"]["half_life_s"])
        source.level.add(login.at_s, half_life_s=slow["span_s"])
        if not known:
            source.failed_level.add(login.at_s, half_life_s=slow["span_s"])
            source.failed.add(login.at_s, half_life_s=fast["span_s"])
            source.slow.add(login.account, login.at_s, span_s=slow["span_s"])
            source.fast.add(login.account, login.at_s, span_s=fast["span_s"])

    def _brute_force(self, login: Login, account: _Account) -> Alert | None:
        at = self._at["brute_force"]
        level = account.failures.now(login.at_s, half_life_s=at["half_life_s"])
        if level < at["failures"]:
            return None
        count = account.failures.count
        told = f"{count} wrong passwords on one account within minutes."
        return _alert(login, "brute_force", Severity.HIGH, "T1110.001", count, told)

    def _many_accounts(self, login: Login, source: _Source) -> Alert | None:
        """Stuffing if quick and once each, else spraying."""
        slow, fast = self._at["password_spraying"], self._at["credential_stuffing"]
        level = source.level.now(login.at_s, half_life_s=slow["span_s"])
        failed = source.failed_level.now(login.at_s, half_life_s=slow["span_s"])
        share = failed / max(level, 1.0)
        count = source.failed_level.count
        per_account = source.failed.count / max(1, len(source.fast))
        evidence: Evidence = {
            "accounts_count": len(source.slow), "accounts_at_least": source.slow.is_full,
            "failed_share": round(share, 3), "accounts": source.slow.some(_SHOWN),
        }  # fmt: skip
        if (
            len(source.fast) >= fast["accounts"]
            and share >= fast["failed_share"]
            and per_account <= fast["tries_per_account"]
        ):
            told = f"One address failed on {_so_many(source.fast)} accounts within minutes."
            kind, severity, technique = "credential_stuffing", Severity.HIGH, "T1110.004"
        elif (
            len(source.slow) >= slow["accounts"]
            and share >= slow["failed_share"]
            and count / len(source.slow) <= slow["tries_per_account"]
        ):
            told = f"One address tried {_so_many(source.slow)} accounts, few times each."
            kind, severity, technique = "password_spraying", Severity.HIGH, "T1110.003"
        else:
            return None
        return _alert(
            login, kind, severity, technique, count, told, evidence, subject=login.source_ip
        )

    def _from_everywhere(self, login: Login, *, strange: bool) -> Alert | None:
        at = self._at["distributed_stuffing"]
        span_s = at["span_s"]
        total = self._all.add(login.at_s, half_life_s=span_s)
        if not strange:
            return None
        level = self._strange.add(login.at_s, half_life_s=span_s)
        accounts = self._strange_accounts.add(login.account, login.at_s, span_s=span_s)
        sources = self._strange_sources.add(login.source_ip, login.at_s, span_s=span_s)
        if (
            accounts < at["accounts"] or sources < at["sources"]
            or level / total < at["strange_share"]
        ):  # fmt: skip
            return None
        told = (
            f"{_so_many(self._strange_accounts)} accounts failed from "
            f"{_so_many(self._strange_sources)} addresses, on devices they never used."
        )
        evidence: Evidence = {"accounts_count": accounts, "sources_count": sources}
        return _alert(
            login, "distributed_stuffing", Severity.CRITICAL, "T1110.004", self._strange.count,
            told, evidence, subject="logins", source_ip="",
        )  # fmt: skip

    def _travel(self, login: Login, account: _Account) -> Alert | None:
        at = self._at["impossible_travel"]
        if login.place is None or account.last is None:
            return None
        at_s, place, device = account.last
        if login.device and login.device == device:
            return None  # addresses of phones and tunnels jump; the device did not change hands
        km = distance_km(place, login.place)
        hours = max(abs(login.at_s - at_s), _STEP_LEAST_S) / 3600
        if km < at["distance_km"] or km / hours <= at["speed_kmh"]:
            return None
        told = f"Logged in {km:,.0f} km from the last login, {hours:.1f} hours later."
        evidence: Evidence = {"distance_km": round(km), "hours": round(hours, 2)}
        return _alert(
            login, "impossible_travel", Severity.HIGH, "T1078", 2, told, evidence
        )  # fmt: skip

    def _device(self, login: Login, account: _Account) -> Alert | None:
        at = self._at["new_device"]
        if not login.device or login.device in account.devices:
            return None
        half_life_s = self._at["brute_force"]["half_life_s"]
        failed = account.failures.now(login.at_s, half_life_s=half_life_s)
        if account.logins_count < at["logins"]:
            return None
        if failed >= at["failures_before"]:
            count = account.failures.count + 1
            told = f"A device never seen logged in after {count - 1} failures."
            return _alert(login, "new_device", Severity.HIGH, "T1078", count, told)
        told = "A device this account never used logged in."
        return _alert(login, "new_device", Severity.LOW, "T1078", 1, told)


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance on the globe (haversine).

    >>> round(distance_km((52.52, 13.40), (48.14, 11.58)))
    504
    """
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    chord = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, max(0.0, chord))))


def _so_many(things: Distinct) -> str:
    return f"at least {len(things)}" if things.is_full else str(len(things))


def _alert(
    login: Login, kind: str, severity: Severity, technique: str, count: int, told: str,
    evidence: Evidence | None = None, *, subject: str = "", source_ip: str | None = None,
) -> Alert:  # fmt: skip
    return Alert(
        at_utc=moment(login.at_s), kind=kind, severity=severity, technique=technique,
        subject=subject or login.account,
        source_ip=login.source_ip if source_ip is None else source_ip,
        count=count, sentence=told, evidence=evidence or {},
    )  # fmt: skip
