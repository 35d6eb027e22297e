"""Words that begin no name, or end one: the small words of English and Spanish around a name.

    send 40 to | ana silva | for lunch         envía 40 a | ana silva | por la cena

Keys are folded. A word that is also a given name stays a name where it is written with a capital
("send 30 to Will"); verbs and nouns that are names too (Mark, Grant, Sue) are not here.
"""

from __future__ import annotations

import re

#: A Spanish verb in small letters begins no name: "voy a pagar", "en revisar".
INFINITIVE = re.compile(r"^[a-zñ]{1,12}(?:ar|er|ir)(?:me|te|se|le|lo|la|les|los|las)?$")

_ENGLISH = (
    "a about account accounts actually add after again agent also am amount an and another "
    "any are as asap ask at back bank be because become been between bill bills branch but "
    "by can cancel card cards cash change changed charge charged cheaper check confirm "
    "correct cost could create delete did different dispute do does don't dont each edit "
    "euro every everyone everything extra for form freeze from get give had has have he "
    "hello help her here hers hey hi him his how human i i'd i'll i'm if immediately in "
    "info instantly instead is it it's its just know last later leave let like look make "
    "many may me mean meant mine money month monthly more my need new next no nope not "
    "nothing now of off ok okay on one online only open or order other our out over paid "
    "pay payee payees payment payments pending person please pls plz put quickly rather "
    "remove rename replace reset right said same saved say see send sent set she should "
    "show since so some somebody someone something somewhere speak speaking spend spent "
    "staff standing start step still stop switch talk talking tell than thank thanks that "
    "the their them then there these they thing this those thx to today together tomorrow "
    "tonight too transfer transferred try two unblock understand unfreeze until up update "
    "us use via want was we week weekly were what when where which who whoever whole whom "
    "will with within without work would wrong yeah year yep yes yesterday yet you your "
    "yours all twice once"
)
_SPANISH = (
    "al algo alguien ahora anadir asi aunque banco beneficiario bien bizum bloquea cada "
    "cajero cambiar como con contra cosa cual cuando cuanta cuantas cuanto cuantos cuenta "
    "de debo del desde dinero donde el ella ellos en entre esa ese eso esta este esto estos "
    "favor fin final gracias hacer hacia hasta hay hola hoy la las le les lo los luego "
    "manana mas me mes mi mis muy nada nadie necesito ni no nos nosotros nuestra nuestro o "
    "oficina otra otro pagar para pero persona por porque pues que quien quiero saldo se si "
    "sin sino sobre su sucursal sus tambien tarjeta te tengo ti tienda todo todos "
    "transferencia transferir tras tu tus un una unas uno unos usted vez y ya yo partir "
    "principios finales plazos es son estan fue era van quienes pago pagos factura facturas "
    "recibo recibos transferencias orden ordenes mandale enviale pagale transfierele puedo "
    "todas menos porfa"
)
STOP = frozenset(_ENGLISH.split()) | frozenset(_SPANISH.split()) - {
    "la",
    "el",
    "los",
    "las",
    "de",
    "no",
}
#: Small words that end a name in Spanish; in English they may begin one (La Taverna, De Niro).
SPANISH_STOP = frozenset("la el los las de del a y o e en con por para no me le lo".split())

#: Verbs that begin no name after "to" ("I want to buy"), though one may hold them ("Best Buy").
DOING = frozenset(
    "activate apply arrange ask avoid block book borrow bring buy choose claim close "
    "collect come complain do download eat enter exchange explain extend file find finish "
    "fix fly go hear identify increase invest join keep learn list live load lock log lower "
    "meet move note pick print raise reach read receive redeem refund register rent reopen "
    "repay report request return review run save schedule search sell settle share sign "
    "snow sort start stay stop subscribe take travel trust turn unlock unsubscribe upgrade "
    "verify view visit wait watch withdraw write".split()
)

#: Nouns that nobody is called: what stands after "at", "by", "to", "en" without being anybody.
NOBODY = frozenset(
    "abroad accident regularly people companies track nuevo noche tarde ano contactless "
    "list loan page app address attention beginning bottom chance code contract counter "
    "date day default desk door end error evening first front fault general hand home house "
    "interest internet item language least letter life line mail means message mind mistake "
    "moment most morning name night noon number office one order outside pleasure point "
    "post problem question rate reason receipt salary school scratch self service side "
    "sight site someone statement support system telephone phone email text theft time top "
    "trouble university voice way weekend website yourself myself zero below above early "
    "says once request due far law limit short speed statements casa iban ningun ninguna "
    "chino gallego catalan euskera frances aleman efectivo metalico total serio linea "
    "cajero cambio espanol ingles persona momento vez dni pin nif nie cbu sim cvv clabe "
    "lista verano invierno aumento absoluto gastos recepcion caja mensaje solicitud medias "
    "clientes tiempo concepto moneda numero parte poco verdad mismo cuenta cuentas telefono "
    "lugar seguida vacaciones extranjero mano pie principio domicilio trabajo oficina".split()
)

#: Who somebody is to the customer; the name may follow: "my brother Paolo".
RELATIONS = frozenset(
    "friend brother sister mother father mum mom dad cousin uncle aunt son daughter wife "
    "husband partner boss landlord landlady flatmate roommate colleague neighbour boyfriend "
    "girlfriend mate buddy amigo amiga hermano hermana madre padre primo prima tio tia hijo "
    "hija mujer marido novio novia jefe jefa casero casera companero companera vecino "
    "vecina".split()
)
TITLES = frozenset(
    "mr mrs ms miss dr prof sir dear the my our senor senora senorita sr sra don dona mi "
    "mis el la los las @ for al".split()
) - {"for"}
#: Small words inside a name: "Maria de la Cruz", "van der Berg".
PARTICLES = frozenset(
    "de del la las los der den van von di da dos do du le ten ter el al bin ibn y".split()
) - {"y", "do", "al"}
#: Months, verbs and sums that are given names, when they have a capital.
GIVEN = frozenset(
    "april may june august will bill mark summer autumn penny frank jan chad grant rand ron "
    "dolly sterling sunday christian art".split()
)
#: Adjectives and kinds before "payments": no shop is called so.
NO_SHOP = frozenset(
    "account automatic average bank big urgent identical weird odd random biggest bigger "
    "card cash contactless current daily debit credit direct double duplicate expensive "
    "failed first foreign future highest incoming instant international largest last late "
    "latest lowest main missing monthly multiple next old older oldest other outgoing "
    "overdue past pending previous recent recurring refused regular scheduled second "
    "several single small smallest standing strange suspicious top total unknown unusual "
    "upcoming weekly wrong yearly annual such declined rejected cancelled many any no new "
    "my all these those the a an and their your our his her some online mobile usual both "
    "unpaid paid deposit tax council projected planned allow approve restrict earlier fixed "
    "everyday pension authorise authorize confirm accept receive enable disable limit block "
    "cancel stop pay py search srch list get view track review forecast expected missed "
    "quick higher lower standin standng u disputed fraudulent unauthorised unauthorized "
    "different few two three four five similar loan mortgage rent insurance salary fee fees "
    "interest atm overdraft make see show find which what check dispute explain had have "
    "made about for of on to in from with between over under above below around".split()
)
