"""What all questions about postings share: the day, the account, the shop meant by a few words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BankAction, EventType
from actions.questions import Question, heard
from bank.domain.accounts import Account, AccountKind
from bank.domain.actors import Actor
from bank.domain.ledger import Category
from bank.domain.payees import fold
from bank.domain.transactions import Direction, TransactionPage, TransactionQuery

#: Words that never name a shop by themselves; they stand in questions about payments.
_COMMON_WORDS = (
    "a about account activity again all already am amount an and any anybody anyone anything "
    "are arrived as ask at "
    "back balance been bill bought buy by can card cash charge charged charges check come "
    "could cost current debit debited debits did didn't didnt direct dispute disputed do does "
    "done don't dont euro euros everything extra find for from get give go gone got had has "
    "have hello hi history how i i'd i'm in incoming into is it its know last latest list "
    "look looking made make me mistake money month more most much my need never new newest no "
    "not nothing now of off on one only or out over paid pay payday payment payments picture "
    "please postings purchase purchases received recent recognise recognize refund refunded "
    "refunds regular report said salary same saving savings search see send sent shop show "
    "since somebody someone something spend spending spent statement still subscription "
    "subscriptions take "
    "tell than that the their them then there these they thing think this though through time "
    "times to today total transaction transactions transfer transfers twice two up us usd "
    "using wage wages want wasn't was we week were what when where whether which who why will "
    "with without would wrong year yes yesterday yet you your "
    # The same in Spanish, without accents (`fold`).
    "abono abonos abonado ahorro ahorros ahora al algo alguien alguna alguno ano anterior antes "
    "aqui ayer banco buscar busca busque cada cajero cargo cargos cobro cobraron cobrado comercio "
    "como compra compras compre con corriente cosa cual cuando cuanto cuanta cuantos cuanto "
    "cuenta cuentas de debito del desde devolucion devolvieron dia dias dime dinero donde dos el "
    "ella ellos en encontrar encuentra encuentre entre entrado entro era es esa ese eso esta "
    "estas este esto estos euro euros extracto favor fue fueron ganado gaste gasto gastos gastado "
    "gusta ha haber habia hace hacer hasta hay he hecho hice hola hoy importe ingreso ingresos la "
    "las le les llegado llego lo los mas me mes meses mi mio mis mostrar mostrarme movimiento "
    "movimientos mucho muestra muestrame muestre muy nada nadie necesito ninguno no nomina nos "
    "nueva nuevo nunca o operacion operaciones otra otro pagado pagar pago pagos pague para pero "
    "podria por porque pude puede puedes que quien quiero quisiera recibi recibido recibidos "
    "recibo recibos reciente recientes reembolso reembolsos reclamar retirada salario saldo se "
    "segun semana semanas ser si sin sobre son su suelo sueldo sus suscripcion suscripciones "
    "tambien tarjeta tarjetas te tenia tengo tiempo tiene tienda toda todas todo todos total "
    "transaccion transacciones transferencia transferencias tu tuve ultima ultimas ultimo ultimos "
    "un una unas uno unos usted va ve ver veces vez ya y yo"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_WORD = re.compile(r"[^\W\d_][\w&'\u2019.-]*")
#: "spend at Amazon": one or two words that end the message.
_AT_SHOP = re.compile(
    r"\b(?:spen[dt]\s+(?:on|at|with)|gast(?:[eé]|ad[oa]|amos)\s+(?:en|con))\s+"
    r"([^\W\d_][\w&'\u2019.-]*(?: \w+)?)\W*$",
    re.IGNORECASE,
)
_NO_SHOPS = frozenset(
    "average cards everyone fun holiday it me myself necessities other others stuff things us "
    "weekdays weekend weekends work total mí casa vacaciones regalos promedio todo eso".split()
)
_CANDIDATES_MAX = 3


class SearchingAction(BankAction):
    """An action that answers a question about postings, so that one can go on from it."""

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        return self.answer(actor, self.complete(actor, tracker, heard(tracker)), tracker, say)

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say the answer to a question, whoever put it together."""
        raise NotImplementedError

    def today(self) -> date:
        """Return the bank's day."""
        return self.bank.clock().date()

    def days_back(self, days: int) -> tuple[date, date]:
        """Return the last `days` days, today included, as from and to (exclusive)."""
        tomorrow = self.today() + timedelta(days=1)
        return tomorrow - timedelta(days=days), tomorrow

    def account(self, actor: Actor, words: str | None) -> Account | None:
        """Return the account that is meant; without words the first current one."""
        if words:
            found: list[Account] = self.bank.accounts.find(actor, words)
            if found:
                return found[0]
        accounts: list[Account] = self.bank.accounts.list(actor)
        current = [account for account in accounts if account.kind is AccountKind.CURRENT]
        return next(iter(current or accounts), None)

    def complete(self, actor: Actor, tracker: Tracker, asked: Question) -> Question:
        """Return the question with the shop its words mean, when no entity was found.

        "did streamly take anything": the words are held against the customer's own merchants.
        """
        asked = self._since_payday(actor, asked)
        if asked.merchant and fold(asked.merchant) in _COMMON:  # "from anyone" names nobody
            asked = replace(asked, merchant=None)
        if asked.merchant or asked.category or asked.min_minor is not None:
            return asked
        for words in _candidates(str((tracker.latest_message or {}).get("text") or "")):
            page = self.bank.transactions.search(actor, TransactionQuery(merchant=words, limit=1))
            if page.lines and len(page.merchants) == 1:
                return replace(asked, merchant=page.merchants[0])
        return asked

    def _since_payday(self, actor: Actor, asked: Question) -> Question:
        """Return the question with the day of the last salary, when its words mean that."""
        if asked.since is None:
            return asked
        asked = replace(asked, since=None)
        paid = TransactionQuery(category=Category.SALARY, direction=Direction.IN, limit=1)
        lines = self.bank.transactions.search(actor, paid).lines
        if not lines:
            return asked
        from_day = lines[0].booked_at_utc.date()
        return asked.within(from_day, self.today() + timedelta(days=1))

    def search(
        self, actor: Actor, asked: Question, **more: Any
    ) -> tuple[TransactionPage, Question]:
        """Return what the bank finds, and the question with the shop's right name."""
        if asked.account:
            account = self.account(actor, asked.account)
            more["account_id"] = account.id if account else None
        page: TransactionPage = self.bank.transactions.search(actor, asked.query(**more))
        if asked.merchant and len(page.merchants) == 1:
            asked = replace(asked, merchant=page.merchants[0])
        return page, asked


def unknown_shop(tracker: Tracker) -> str | None:
    """Return the name at the end of "how much did I spend at X", whether known or not."""
    found = _AT_SHOP.search(str((tracker.latest_message or {}).get("text") or ""))
    if found is None:
        return None
    said = found[1].strip(" '\u2019.-")
    return None if {fold(word) for word in said.split()} & (_COMMON | _NO_SHOPS) else said


def _candidates(text: str) -> list[str]:
    """Return runs of words that may name a shop, longest first; a few at most."""
    if text.startswith("/"):
        return []
    runs: list[list[str]] = [[]]
    for word in _WORD.findall(text):
        if word.lower().strip(".'\u2019") in _COMMON or fold(word) in _COMMON:
            runs.append([])
        else:
            runs[-1].append(word)
    names = [" ".join(run) for run in runs if run]
    return sorted(names, key=len, reverse=True)[:_CANDIDATES_MAX]
