"""Owns the Spanish words of date and time, written without accents; symbols as in English."""

PHRASES: dict[str, str] = {
    "rd:0": "hoy|hoy mismo|el dia de hoy|oy",
    "rd:1": "manana|el dia de manana|mnn|mnana|maana|manna|dia siguiente|de manana",
    "rd:2": "pasado manana|pasadomanana|despues de manana|el dia despues de manana",
    "rd:0 pt:m": "esta manana|hoy por la manana|hoy en la manana|hoy a la manana",
    "rd:0 pt:a": "esta tarde|hoy por la tarde|hoy en la tarde|hoy mas tarde|mas tarde hoy"
    "|hoy a la tarde",
    "rd:0 pt:n": "esta noche|hoy por la noche|hoy en la noche|hoy a la noche",
    "wd:0": "lunes|lun|lu|luns",
    "wd:1": "martes|mart",
    "wd:2": "miercoles|mie|mier|mierc|mx|mierciles",
    "wd:3": "jueves|jue|juev|jueve",
    "wd:4": "viernes|vie|vier|biernes",
    "wd:5": "sabado|sab",
    "wd:6": "domingo|dom",
    "wds:0": "los lunes|todos los lunes|cualquier lunes",
    "wds:1": "los martes|todos los martes|cualquier martes",
    "wds:2": "los miercoles|todos los miercoles|cualquier miercoles",
    "wds:3": "los jueves|todos los jueves|cualquier jueves",
    "wds:4": "los viernes|todos los viernes|cualquier viernes",
    "wds:5": "sabados|los sabados|cualquier sabado",
    "wds:6": "domingos|los domingos|cualquier domingo",
    "wkd": "entre semana|dias de semana|dia de semana|dia laborable|dias laborables|dias habiles"
    "|dia habil|en dias de semana|los dias de semana|un dia de semana",
    "wke": "fin de semana|finde|fin de|weekend|el finde",
    "wkes": "fines de semana|los fines de semana|los findes|findes",
    "mo:1": "enero|ene",
    "mo:2": "febrero|feb",
    "mo:3": "marzo",
    "mar": "mar",
    "mo:4": "abril|abr",
    "mo:5": "mayo|may",
    "mo:6": "junio|jun",
    "mo:7": "julio|jul",
    "mo:8": "agosto|ago",
    "mo:9": "septiembre|setiembre|sep|sept|set",
    "mo:10": "octubre|oct",
    "mo:11": "noviembre|nov",
    "mo:12": "diciembre|dic",
    "un:d": "dia|dias",
    "un:w": "semana|semanas|sem",
    "un:m": "mes|meses",
    "un:y": "ano|anos",
    "un:h": "hora|horas|hrs|hs",
    "un:i": "minuto|minutos|min|mins",
    "n:15 un:d": "quincena|una quincena",
    "pt:m": "por la manana|en la manana|de la manana|a la manana|por las mananas|en las mananas"
    "|las mananas|mananas|la manana|por la mananita|la mananita|durante la manana|x la manana"
    "|por manana",
    "pt:em": "temprano por la manana|temprano en la manana|a primera hora|primera hora|temprano"
    "|tempranito|bien temprano|muy temprano|a primera hora de la manana|primera hora de la manana"
    "|por la manana temprano|en la manana temprano|lo mas temprano",
    "pt:lm": "al final de la manana|a media manana|media manana|tarde en la manana"
    "|fin de la manana",
    "pt:a": "por la tarde|en la tarde|de la tarde|tarde|tardes|por las tardes|en las tardes"
    "|a la tarde"
    "|las tardes|la tarde|por la tardecita|durante la tarde|x la tarde|tardecita",
    "pt:ea": "temprano por la tarde|temprano en la tarde|a primera hora de la tarde"
    "|primera hora de la tarde|al principio de la tarde",
    "pt:la": "al final de la tarde|a ultima hora|ultima hora|a ultima hora de la tarde"
    "|final del dia"
    "|al final del dia|tarde en la tarde|al caer la tarde|fin de la tarde|finales de la tarde",
    "pt:ma": "a media tarde|media tarde",
    "pt:n": "por la noche|en la noche|de la noche|noche|noches|por las noches|a la noche|la noche"
    "|las noches|durante la noche|x la noche",
    "pt:l": "la hora del almuerzo|hora del almuerzo|a la hora de comer|hora de comer|almuerzo"
    "|a la hora del almuerzo|al mediodia mas o menos",
    "pt:aw": "despues del trabajo|despues de trabajar|saliendo del trabajo|al salir del trabajo"
    "|cuando salgo del trabajo|despues de salir del trabajo",
    "pt:as": "despues de la escuela|despues de clases|saliendo de la escuela|al salir de la escuela"
    "|despues del colegio",
    "pt:al": "despues de comer|despues del almuerzo|despues de almorzar|despues de la comida",
    "pt:bl": "antes de comer|antes del almuerzo|antes de almorzar|antes del mediodia"
    "|antes de mediodia|antes del medio dia",
    "pt:bw": "antes del trabajo|antes de trabajar|antes de la escuela|antes de ir a trabajar",
    "ck:12:0:x": "mediodia|medio dia|al mediodia|al medio dia|a mediodia|a medio dia|del mediodia"
    "|el mediodia|de mediodia|del medio dia",
    "ck:0:0:x": "medianoche|media noche|a medianoche|a media noche|a la medianoche",
    "n:1": "uno|una|un",
    "n:2": "dos|un par de|par de",
    "n:3": "tres",
    "few": "unos|unas|algunos|algunas|varios|varias|unos cuantos|unas cuantas|pocos|pocas",
    "n:4": "cuatro|cuatr",
    "n:5": "cinco",
    "n:6": "seis",
    "n:7": "siete",
    "n:8": "ocho",
    "n:9": "nueve",
    "n:10": "diez",
    "n:11": "once",
    "n:12": "doce",
    "n:13": "trece",
    "n:14": "catorce",
    "n:15": "quince",
    "n:16": "dieciseis|diez y seis",
    "n:17": "diecisiete|diez y siete",
    "n:18": "dieciocho|diez y ocho",
    "n:19": "diecinueve|diez y nueve",
    "n:20": "veinte",
    "n:21": "veintiuno|veintiun|veintiuna",
    "n:22": "veintidos",
    "n:23": "veintitres",
    "n:24": "veinticuatro",
    "n:25": "veinticinco",
    "n:26": "veintiseis",
    "n:27": "veintisiete",
    "n:28": "veintiocho",
    "n:29": "veintinueve",
    "n:30": "treinta",
    "n:40": "cuarenta",
    "n:50": "cincuenta",
    "n:0": "cero|zero",
    "ow:1": "primero|primer|primera",
    "ow:2": "segundo|segunda",
    "ow:3": "tercero|tercer|tercera",
    "ow:4": "cuarto lunes|cuarta",
    "and half": "y media|con media|y media hora",
    "and quarter": "y cuarto|con cuarto|y un cuarto",
    "minus quarter": "menos cuarto|menos un cuarto|menos quarto",
    "minus": "menos",
    "quarter to": "cuarto para las|un cuarto para las|cuarto para la|cuarto para|un cuarto para",
    "n:30 un:i": "media hora",
    "past": "pasadas",
    "by end": "antes de fin de|antes de finales de|antes del fin de|antes de que termine el",
    "to": "a|hasta el dia|a el|al",
    "mer:a": "am",
    "mer:p": "pm",
    "oc": "en punto|horas en punto|enpunto",
    "ish": "y pico|o asi|mas o menos|y algo|aproximadamente",
    "at": "a las|a la|las|a eso de las|a eso de la|como a las|como a la|sobre las|sobre la"
    "|hacia las"
    "|alrededor de las|alrededor de la|cerca de las|tipo|tipo las|al las|alas|ala|a la s"
    "|por ahi de las|como las|mas o menos a las|aproximadamente a las|a las como"
    "|aproximadamente las|de las",
    "toat": "para las|para la",
    "suffer": "tengo|me duele|siento|me siento|traigo|he tenido|he estado|me duelen|estoy enferma"
    "|estoy enfermo|sufro|duele|dormir|peor|mareo|mareos|tos|insomnio|vomito",
    "at n:1": "a la una|la una|de la una|como a la una|a eso de la una",
    "after n:1": "despues de la una",
    "before n:1": "antes de la una",
    "after": "despues de las|despues de la|despues de|despues|luego de las|luego de"
    "|pasadas las|mas tarde de las|mas tarde de"
    "|pasando las|despues de como las|mas tarde que las|luego de la",
    "before": "antes de las|antes de la|antes de|antes|mas temprano de las"
    "|mas temprano que las|previo a",
    "by": "nada despues de las|nada despues de|no mas tarde de las|no despues de las"
    "|no despues de|a mas tardar a las"
    "|a mas tardar|no mas tarde de",
    "until": "de aqui al|de aqui a el|hasta las|hasta la|hasta",
    "after the": "despues del|luego del|pasado el|despues de el",
    "before the": "antes del|antes de el",
    "by the": "a mas tardar el|no mas tarde del|no despues del",
    "until the": "hasta el",
    "from": "nada antes de las|nada antes de|no antes de las|no antes de|salgo a las"
    "|salgo del trabajo a las|trabajo hasta las"
    "|ocupada hasta las"
    "|ocupado hasta las|a partir de las"
    "|a partir de la|a partir de|desde las|desde la|desde|apartir de las|apartir de"
    "|desde como las|estoy libre desde las|trabajo hasta la",
    "from the": "no antes del|a partir del|desde el|empezando el|comenzando el|apartir del",
    "between the": "entre el",
    "neg at": "en vez de|en lugar de|en vez de las|en lugar de las",
    "neg the": "en vez del|en lugar del",
    "also": "tambien",
    "orlater": "en adelante|o despues|o mas tarde|como muy temprano",
    "orbefore": "o antes|como muy tarde",
    "mo:12 n:24": "nochebuena",
    "mo:12 n:25": "navidad",
    "mo:12 n:31": "nochevieja|fin de ano|ano viejo",
    "mo:1 n:1": "ano nuevo",
    "had": "cancelar|cancele|tengo una cita|tengo cita|mi cita es|mi cita era|tenia una cita"
    "|tenia cita"
    "|tengo la cita"
    "|tengo mi cita",
    "instead": "en su lugar|mas bien",
    "since": "desde hace|desde ayer|hace",
    "between": "entre las|entre la|entre",
    "and": "y|e|y las|y la",
    "or the": "o el|o la",
    "and the": "y el",
    "or": "o|u|o a las|o las|o si no|o tal vez|o quizas|o mejor dicho el",
    "but": "pero|aunque|sin embargo|sino|si no que",
    "neg": "no|ni|nunca|tampoco|no puedo|no me sirve|no me va|no me queda|excepto|menos el"
    "|menos los"
    "|salvo|no sea|cualquier dia menos"
    "|cualquier dia menos el|todos los dias menos|no los|no el|no a las|ocupada|ocupado|de viaje"
    "|fuera de la ciudad|de vacaciones|trabajo",
    "w": "los|no importa|no hay prisa|no hay problema|no es urgente|si no|no se si|no se"
    "|por que no|no mas"
    "|no me siento bien|no me siento|una cita|un momento|segunda opinion|un segundo|para una"
    "|por una"
    "|lo antes|una vez|otra vez|a una|una de|esta vez|a mi"
    "|la proxima cita|a la cita|a la clinica|a la doctora|a la enfermera|para la cita|a la farmacia"
    "|de la cita|de la clinica|de la doctora|para la doctora|no tengo|la tarde noche"
    "|no estoy segura"
    "|no estoy seguro|no es una emergencia|no gracias|tengo un|tengo una|no urge|por lo menos"
    "|al menos|por favor|con una cita|sin una",
    "bye": "eso es todo por hoy|todo por hoy|seria todo por hoy|es todo por hoy|gracias por hoy"
    "|nada mas por hoy|por hoy|buenos dias|buen dia|buenas tardes|buenas noches|buena tarde"
    "|buena noche"
    "|buen fin de semana|feliz fin de semana|hasta manana|nos vemos manana|que tenga buen dia"
    "|todo el dia|todos los dias|cada dia|al dia|por dia|toda la noche|toda la semana|cada semana"
    "|hoy en dia|cada noche|cada manana|todas las noches|todas las mananas|el otro dia|a veces"
    "|todo el fin de semana|linda tarde|lindo dia|feliz tarde|feliz noche|feliz dia|algun dia"
    "|dia libre|de dia|dia y noche|como estan hoy|como esta hoy|tenga un buen dia|tardes libres",
    "corr": "digo|perdon|mejor|quise decir|o sea|mejor dicho|quiero decir|no espera|espera"
    "|no perdon|o mejor|me equivoque|disculpa|disculpe|corrijo|mejor no",
    "req": "quiero|quisiera|necesito|me gustaria|podria|podrian|hay|tienen|tiene|puede|pueden|puedo"
    "|se puede|que tal|tendran|tendria|agendar|prefiero|me puede|me pueden|deseo|busco|algo",
    "works": "sirve|es mejor|esta bien|me queda mejor|me viene bien|si puedo|me va mejor|si"
    "|perfecto",
    "pv": "tomo|me tomo|vi|vi al|fui|cai|me cai|perdi|falte|empezo|comenzo|estuve|vine|nacio|naci"
    "|nacimiento"
    "|fecha de nacimiento|cumpleanos|vence|me lastime|paso el|tome|me desperte|nacido|nacida",
    "mv": "cambiar|mover|reprogramar|pasar|reagendar|cambiarla|moverla|pasarla|cambiarlo|posponer"
    "|cambie|mueva|cambiarme|moverme|adelantar|atrasar|cambio",
    "visit": "cita|visita|consulta|citas|turno|hora de cita|examen|chequeo|revision|control",
    "this": "este|esta|esa|ese|el actual|la actual|este mismo",
    "coming": "el entrante|entrante|este proximo|esta proxima",
    "next": "proximo|proxima|siguiente|el proximo|la proxima|el siguiente|la siguiente|prox"
    "|proximos"
    "|proximas|los proximos|las proximas|siguientes|al proximo",
    "follow": "que viene|que entra|proximo que viene|que sigue|que vienen|de la otra semana|viene",
    "un:w after next": "semana despues de la proxima|semana siguiente a la proxima"
    "|semana despues de la que viene|semana subsiguiente|de la proxima semana no la otra",
    "next un:w": "la otra semana|otra semana",
    "last": "pasado|pasada|pasados|anterior|ultimo|ultima|ultimos|ultimas|el pasado|la pasada",
    "yest": "ayer|anoche|anteayer|antier|antes de ayer|ante ayer|ayer por la noche"
    "|ayer por la tarde",
    "the": "el|la|el dia|lo|pa el|pal|para el dia",
    "of": "de|del mes de|de el|en el mes de",
    "of the": "del",
    "in": "en|dentro de|de aqui a|en el|en como|en otras|de aqui en",
    "within": "en menos de|en los proximos|en las proximas|durante los proximos"
    "|dentro de los proximos|dentro de las proximas",
    "for": "para|pa|por",
    "rd:7": "de hoy en ocho|hoy en ocho|de hoy en ocho dias|en ocho dias",
    "rd:14": "de hoy en quince",
    "rd:8": "de manana en ocho|manana en ocho",
    "enocho": "en ocho|de la semana en ocho",
    "fromnow": "a partir de ahora|desde ahora|a partir de hoy|desde hoy",
    "ago": "atras",
    "old": "de edad|anos de edad|anitos|anos cumplidos",
    "every": "cada|todos los|todas las|cualquier",
    "rest": "el resto de|resto de|lo que queda de",
    "later": "mas adelante|mas tarde",
    "early": "principios de|a principios de|a principio de|principio de|comienzos de|a comienzos de"
    "|inicios de|a inicios de|al principio de|al comienzo de|al inicio de|principios del"
    "|a principios del|al principio del|a inicios del|a comienzos del|primeros dias de",
    "mid": "mediados de|a mediados de|a mitad de|mitad de|mediados del|a mediados del|a mitad del",
    "end": "finales de|a finales de|al final de|final de|a fin de|fines de|a fines de|fin del"
    "|finales del|a finales del|al final del|a fin del|fines del|a fines del|a final de|a final del"
    "|ultimos dias de|ultimos dias del",
    "asap": "cualquier dia|cualquier hora|a cualquier hora|cuando sea|cuando puedan|cuando pueda"
    "|cualquier fecha"
    "|el dia que sea|lo antes posible|cuanto antes|lo mas pronto posible|lo mas pronto"
    "|lo mas pronto que se pueda"
    "|enseguida|en seguida|ahora|ahora mismo|ahorita|ya|ya mismo|inmediatamente"
    "|lo mas rapido posible"
    "|lo mas antes posible|la primera cita disponible|la primera disponible|primera disponible"
    "|el primero disponible|pronto"
    "|la mas proxima|la proxima disponible|proxima disponible|cuando antes|urgente|ahorita mismo"
    "|en este momento|lo primero que tenga|primer espacio disponible|primer turno disponible",
    "ms": "mg|miligramos|ml|pastillas|pastilla|tabletas|kilos|kilo|kg|libras|grados|personas|veces"
    "|unidades|por ciento|gotas|ninos|hijos|hijas|dosis|cm|gramos|g|mcg|metros|pies|preguntas|lb"
    "|lbs"
    "|puntadas|embarazos|sesiones|semanas de embarazo|cuadras|pesos|dolares",
    "msw": "presion|azucar|glucosa|glucemia|pulso|temperatura|fiebre|peso|oxigeno|saturacion|dolor"
    "|escala|nivel|lectura|cuarto numero|apartamento|edad|tomar|tomando|codigo|cumpli",
    "fn": "opcion|disponible|opinion|vacuna|trimestre|grado|piso|linea|cosa|pregunta|nombre|hijo"
    "|hija|bebe|refuerzo|inyeccion|etapa|vez",
    "dr": "dr|doctor|doctora|dra|enfermera|sr|sra|senor|senora|don|dona",
    "pron": "yo|usted|tu|ella",
}
