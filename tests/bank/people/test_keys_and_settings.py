"""Keys are made once, kept private, and say nothing; settings have documented names."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bank.bootstrap import open_bank
from bank.domain.actors import SYSTEM
from bank.security.keys import Keyring, KeyUnusable, load_or_make_key, open_keyring, parse_key
from bank.security.vault import AesGcmVault, SealBroken
from bank.settings import Delivery, Settings, load_settings
from bank.worker import Duty, Worker, make_mailers, make_worker
from tests.bank.people.world import KEYRING, PASSWORD, World


def make(home: Path) -> str:
    return load_or_make_key(home, "master_key")


def test_given_no_key_when_first_used_then_it_is_made_private_and_stays(tmp_path: Path):
    first = make(tmp_path)

    assert make(tmp_path) == first
    assert len(parse_key(first)) == 32
    assert stat.S_IMODE((tmp_path / "keys" / "master_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["master_key"]


def test_given_processes_that_start_together_then_they_agree_on_one_key(tmp_path: Path):
    with ProcessPoolExecutor(4) as pool:
        assert len(set(pool.map(make, [tmp_path] * 16))) == 1


def test_given_a_key_others_may_read_then_it_is_refused(tmp_path: Path):
    make(tmp_path)
    (tmp_path / "keys" / "master_key").chmod(0o644)

    with pytest.raises(KeyUnusable, match="chmod 600"):
        make(tmp_path)


@pytest.mark.parametrize("text", ["", "short", "!" * 43, "a" * 44, "ä" * 43])
def test_given_no_key_at_all_then_it_is_refused_and_not_shown(text):
    with pytest.raises(KeyUnusable) as refusal:
        parse_key(text)

    assert not text or text not in str(refusal.value)


def test_given_settings_when_printed_then_no_secret_shows(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path))
    monkeypatch.setenv("FLORIN_PORT", "9090")
    monkeypatch.setenv("FLORIN_DELIVERY", "demo_phone")
    monkeypatch.setenv("FLORIN_TURN_KEY", "a-turn-key-of-somebody")
    monkeypatch.setenv("FLORIN_DATABASE_URL", "")

    settings = load_settings()

    assert settings.turn_key.get_secret_value() == "a-turn-key-of-somebody"
    assert settings.action_token.get_secret_value() == make_again(tmp_path, "action_token")
    assert settings.database_url == f"sqlite:///{tmp_path}/florin.db"
    assert settings.public_url == "http://localhost:9090"
    shown = f"{settings!r} {open_keyring(settings)!r}"
    assert "a-turn-key" not in shown
    assert settings.master_key.get_secret_value() not in shown


def make_again(home: Path, name: str) -> str:
    return (home / "keys" / name).read_text().strip()


def test_given_a_port_that_is_none_then_the_variable_is_named(tmp_path: Path):
    with pytest.raises(ValidationError, match="port"):
        Settings(home_dir=tmp_path, port=70_000)


def test_given_a_master_key_when_purposes_differ_then_so_do_keys_and_digests():
    assert KEYRING.derive("a") != KEYRING.derive("b")
    assert KEYRING.digest("a", "text") != KEYRING.digest("b", "text")
    assert Keyring(b"k" * 32).derive("a") == KEYRING.derive("a")


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_any_flipped_bit_of_a_sealed_value_is_noticed(clear, where, bits):
    vault = AesGcmVault(KEYRING)
    key = vault.make_key(owner="cv_1")
    sealed = bytearray(vault.seal(clear, place="messages|cv_1|1|text", key=key))
    assert vault.open(bytes(sealed), place="messages|cv_1|1|text", key=key) == clear
    sealed[where % len(sealed)] ^= bits

    with pytest.raises(SealBroken):
        vault.open(bytes(sealed), place="messages|cv_1|1|text", key=key)


def test_given_another_place_key_or_owner_then_a_sealed_value_does_not_open():
    vault = AesGcmVault(KEYRING)
    key, other = vault.make_key(owner="cv_1"), vault.make_key(owner="cv_2")
    sealed = vault.seal(b"hello", place="messages|cv_1|1|text", key=key)
    renamed = key.replace(b"cv_1", b"cv_2")

    for place, with_key in (
        ("messages|cv_1|2|text", key),
        ("messages|cv_1|1|text", other),
        ("messages|cv_1|1|text", None),
        ("messages|cv_1|1|text", renamed),
        ("messages|cv_1|1|text", b"junk"),
    ):
        with pytest.raises(SealBroken):
            vault.open(sealed, place=place, key=with_key)


def test_given_a_real_home_then_the_bank_opens_works_and_is_the_same_when_opened_again(
    tmp_path: Path,
):
    settings = Settings(home_dir=tmp_path, delivery=Delivery.DEMO_PHONE)
    bank = open_bank(settings)
    amal = bank.customers.create(
        SYSTEM,
        login_name="amal",
        full_name="Amal H",
        email="a@b.c",
        phone="+49 30 5550123",
        password=PASSWORD,
    )
    token = bank.logins.login("amal", PASSWORD, ip_hash="ip").token
    actor = bank.sessions.verify(token).actor()
    bank.conversations.append(actor, actor.conversation_id, text="keep this", message_id="m1")
    bank.store.write(
        lambda uow: bank.step_up.challenge_in(uow, actor, purpose="transfer", binding={"a": 1})
    )
    make_worker(bank, settings).run_due(0)
    bank.store.close()

    again = open_bank(settings)
    try:
        assert again.sessions.verify(token).actor_id == amal.id
        [line] = again.conversations.transcript(actor, actor.conversation_id)
        assert line.text == "keep this"
        report = again.audit.verify()
        assert report.ok
        assert report.anchored_number == report.entries_count > 0
        phone = next(iter(make_mailers(again, settings).values()))
        assert "for this payment only" in phone.list_newest()[0].body
    finally:
        again.store.close()


def test_given_a_duty_that_fails_then_the_others_go_on(world: World):
    done = []

    def fails() -> None:
        raise RuntimeError("no")

    worker = Worker([Duty("bad", 1.0, fails), Duty("good", 1.0, lambda: done.append(1))])
    for second in range(3):
        worker.run_due(float(second))

    assert done == [1, 1, 1]
