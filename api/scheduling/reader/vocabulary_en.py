"""Owns the English words of date and time: the symbol on the left, its phrases on the right."""

# Symbols: rd:N day N from today, wd:N weekday (0 Monday), wds:N "every such weekday", mo:N month,
# un:X unit, pt:X part of day, n:N number, ow:N ordinal in words, ck:H:M:m clock, an empty one
# hides a phrase that only looks like a date. Longer phrases win over shorter ones.
PHRASES: dict[str, str] = {
    "rd:0": "today|tday|2day|todays|to day",
    "rd:1": "tomorrow|tomorrows|tmrw|tmrow|tmr|tmw|tmmrw|tommorow|tommorrow|tomorow|tomorro|tomo"
    "|tmoro|tomoro|2morrow|2morow|2moro|2mrw|2mor|2moz|morrow|to morrow",
    "rd:2": "day after tomorrow|day after tmrw|day after tmw|day after tmr|overmorrow"
    "|the day after tomorrow|day after tom|day after 2morrow",
    "rd:0 pt:n": "tonight|tonite|2nite|2night|to night",
    "rd:0 pt:m": "this morning|this am",
    "rd:0 pt:a": "this afternoon|this aft",
    "rd:0 pt:la": "later today|eod|later this afternoon|late this afternoon|late today",
    "rd:0 pt:e": "this evening|this eve|later tonight|late tonight|late tonite",
    "rd:0 pt:em": "early this morning",
    "wd:0": "monday|mon|mond|mondy",
    "wd:1": "tuesday|tues|tue|tuesd|teusday",
    "wd:2": "wednesday|weds|wed|wednes|wensday|wedensday|wendsday|wednsday",
    "wd:3": "thursday|thurs|thur|thu|thrusday|thurday|thrs",
    "wd:4": "friday|fri|frid",
    "wd:5": "saturday|satur|satday",
    "wd:6": "sunday|sund",
    "sat": "sat",
    "sun": "sun",
    "wds:0": "mondays|mons",
    "wds:1": "tuesdays",
    "wds:2": "wednesdays",
    "wds:3": "thursdays",
    "wds:4": "fridays",
    "wds:5": "saturdays",
    "wds:6": "sundays",
    "wkd": "weekday|weekdays|week day|week days|business day|business days|workday|work day"
    "|workdays|work days|working day|working days|week - day|week - days",
    "wke": "weekend|week end|week - end|wkend|wknd",
    "wkes": "weekends|week ends|week - ends|wkends",
    "mo:1": "january|jan",
    "mo:2": "february|feb|febuary|febr",
    "mo:3": "march",
    "mo:4": "april|apr",
    "may": "may",
    "mar": "mar",
    "mo:6": "june|jun",
    "mo:7": "july|jul",
    "mo:8": "august|aug",
    "mo:9": "september|sept|sep",
    "mo:10": "october|oct",
    "mo:11": "november|nov",
    "mo:12": "december|dec",
    "un:d": "day|days",
    "un:w": "week|weeks|wk|wks",
    "un:m": "month|months|mth|mths",
    "un:y": "year|years|yr|yrs",
    "un:h": "hour|hours|hr|hrs",
    "un:i": "minute|minutes|min|mins",
    "n:2 un:w": "fortnight|a fortnight",
    "pt:m": "morning|mornings|mornin|morn|in the am|the am|am hours|am appointment|am slot",
    "pt:em": "early morning|early in the morning|first thing in the morning|early mornings"
    "|first thing this morning|first thing am|early am|first thing|bright and early",
    "pt:lm": "late morning|late in the morning|late mornings",
    "pt:mm": "mid morning|mid - morning|midmorning|middle of the morning",
    "pt:a": "afternoon|afternoons|aft|arvo|afternoonish|in the pm|the pm|pm appointment|pm slot",
    "pt:ea": "early afternoon|early in the afternoon",
    "pt:la": "late afternoon|late in the afternoon|late - afternoon|end of day|end of the day"
    "|later in the day|late in the day|toward the end of the day",
    "pt:ma": "mid afternoon|mid - afternoon|midafternoon|middle of the afternoon",
    "pt:e": "evening|evenings|eve|even ing",
    "pt:n": "night|nights|at night|nite|nighttime",
    "pt:l": "lunch|lunchtime|lunch time|at lunch|lunch hour|midday ish|around lunch"
    "|around lunchtime|my lunch break|lunch break",
    "pt:aw": "after work|anytime after work|any time after work|after i get off work"
    "|after i get off|when i get off work"
    "|after office hours",
    "pt:as": "after school|anytime after school|any time after school|when school is out"
    "|after class|after school lets out",
    "pt:al": "after lunch|anytime after lunch|any time after lunch",
    "pt:bl": "before lunch|before noon|before midday|before lunchtime",
    "pt:bw": "before work|before school|before i go to work",
    "ck:12:0:x": "noon|midday|mid day|12 noon|mid - day|noontime|noonish",
    "ck:0:0:x": "midnight",
    "n:1": "one",
    "n:2": "two|a couple|a couple of|couple|couple of|a pair of",
    "n:3": "three",
    "few": "few|a few|several",
    "n:4": "four",
    "n:5": "five",
    "n:6": "six",
    "n:7": "seven",
    "n:8": "eight",
    "n:9": "nine",
    "n:10": "ten",
    "n:11": "eleven",
    "n:12": "twelve",
    "n:13": "thirteen",
    "n:14": "fourteen",
    "n:15": "fifteen",
    "n:16": "sixteen",
    "n:17": "seventeen",
    "n:18": "eighteen",
    "n:19": "nineteen",
    "n:20": "twenty",
    "n:30": "thirty",
    "n:40": "forty|fourty",
    "n:50": "fifty",
    "n:0": "oh|zero",
    "ow:1": "first",
    "ow:2": "second",
    "ow:3": "third",
    "ow:4": "fourth",
    "ow:5": "fifth",
    "ow:6": "sixth",
    "ow:7": "seventh",
    "ow:8": "eighth",
    "ow:9": "ninth",
    "ow:10": "tenth",
    "ow:11": "eleventh",
    "ow:12": "twelfth|twelth",
    "ow:13": "thirteenth",
    "ow:14": "fourteenth",
    "ow:15": "fifteenth",
    "ow:16": "sixteenth",
    "ow:17": "seventeenth",
    "ow:18": "eighteenth",
    "ow:19": "nineteenth",
    "ow:20": "twentieth",
    "ow:30": "thirtieth",
    "half": "half",
    "quarter": "quarter|a quarter|qtr|quater",
    "quarter to": "quarter of|a quarter of|quarter before|quarter till|quarter til|a quarter till",
    "past": "past",
    "n:10 un:i to": "ten to|ten till|ten til|ten of|ten before",
    "from n:10 to": "from ten to|from ten till",
    "by end": "before the end of|before end of|by the end of|by end of",
    "to": "to|thru|through|untill to",
    "oc": "oclock|o'clock",
    "mer:a": "am",
    "mer:p": "pm",
    "ish": "ish",
    "at": "at|like|around|about|approximately|approx|roughly|near|close to|circa|abt|arnd"
    "|around about"
    "|at around|at about|at like|around like|like at|say at",
    "after": "nothing before|none before|nothing earlier than|after|later than"
    "|any time after"
    "|anytime after|afer|aft er|past like|after like|after around",
    "before": "sooner than|before|earlier than|prior to|b4|any time before|anytime before"
    "|before like"
    "|before around",
    "by": "nothing after|nothing later than|none after|by|no later than|not later than|not after"
    "|not past|by around|by about",
    "until": "between now and|from now until|from now to|from now till|until|till|til|untill"
    "|up to|through till|'til|up until",
    "from": "not before|not until|not earlier than|no earlier than|no sooner than|not till"
    "|i work until|i work till|i work til|at work until|at work till|working until"
    "|working till"
    "|busy until|busy till|out of town until|away until|gone until|out until|in class until"
    "|not available until"
    "|unavailable until|not free until|i get off at|i get off work at|i get out at"
    "|gets out of school at|gets out at|gets off at|gets home at|school ends at"
    "|lets out at|get off at"
    "|get off work at"
    "|i finish at|i'm off at|im off at|off work at|out of work at|in school until|traveling until"
    "|in meetings until"
    "|nothing until|won't be back until|not back until|i'm back|i'll be back|back in town"
    "|free after|open after|from|starting|starting at|starting from|as of|beginning|beginning on"
    "|starting on"
    "|on or after|from around|from about",
    "suffer": "hurts|hurt|hurting|sleep|sleeping|dizzy|worse|aches|aching|coughing|cough|vomiting"
    "|nauseous"
    "|throwing up|pain|tired|insomnia|wake up|headaches|headache",
    "since": "since|ever since|been since|dating back to",
    "between": "between|in between|btwn|betw|bet ween|anywhere between|somewhere between",
    "and": "and|n",
    "or": "or|and or|or maybe|or even|or else|or possibly",
    "but": "but|though|however|except that|although",
    "neg": "not|no|nor|neither|never|cant|can't|cannot|wont|won't|dont|don't|doesnt|doesn't|isnt"
    "|isn't|couldn't|couldnt|can not|unable|except|excluding|except for|other than|besides"
    "|apart from|but not|anything but|every day but|anytime but|any time but"
    "|aside from|avoid|not on|wouldn't|wouldnt|aint|ain't|hate|away"
    "|out of town|on vacation|traveling"
    "|travelling|busy|unavailable|booked up|tied up|not around|skip|too early|too late"
    "|any day but|i work",
    "w": "no rush|no problem|no worries|not sure|not urgent|if not|why not"
    "|don't mind|dont mind|don't care|dont care|no hurry|not picky|not an emergency|no thanks"
    "|not feeling well|not feeling good|not feeling great|can't wait|cant wait|not well|if possible"
    "|not bad|don't know|dont know|not only|second opinion|a second|one second|no matter"
    "|no longer|a little|not an|no insurance|this time|that time|first time|next time|last time"
    "|what time|some time|every time|one of|no one|the one|that one|this one|which one|any one"
    "|right now i|by now|ok now|if i may|as of late|how many|not working|not so good"
    "|first available doctor|at least|at most|at once|at home|at all|in between visits",
    "bye": "all for today|it for today|all today|thanks for today|thank you for today"
    "|everything for today|nothing else today|nothing else for today|nothing more today"
    "|nothing more for today|done for today|enough for today|good for today|all set for today"
    "|for your help today|your time today|help today|see you then|how are you today"
    "|how are you doing today|how are u today|day today|doing today|good morning|good afternoon"
    "|good evening|good night|gud morning|have a good day|have a nice day|have a great day"
    "|great weekend|nice weekend|good weekend|lovely weekend|great night|nice evening|great evening"
    "|good day|nice day|have a good one|have a great week|have a good week|have a nice week"
    "|talk to you tomorrow|talk tomorrow|see you tomorrow|see you today|goodnight|mornin all"
    "|today's society|these days|some days|most days|bad days|one day|the other day|all day"
    "|all night|every day|everyday|every night|every morning|last minute|in the meantime|day to day"
    "|day by day|once a day|twice a day|times a day|per day|daily|weekly|monthly|for the day"
    "|the night before|all week|all weekend|the whole week|every week|every month|at the moment"
    "|at this time|at the same time|in a row|day off|days off|middle of the night|sick day",
    "corr": "i mean|i meant|sorry|no wait|wait|wait no|actually|make that|scratch that|correction"
    "|no actually|oops|my bad|or rather|better yet|meant to say|strike that|no make it|never mind"
    "|nevermind|nvm|let's make it|lets make it|let's do|no sorry|on second thought",
    "req": "can i|could i|can you|could you|can we|could we|i need|i want|i'd like|id like|want to"
    "|is there|do you have|how about|what about|any|please|pls|plz|i would like|would like"
    "|was hoping|was wondering|looking for|book|schedule|do u have|can u|could u|are you|are there"
    "|let's|prefer|i prefer|works better|need to|would prefer|gimme|give me|have anything",
    "works": "works|work|better|best|is good|is fine|is ok|is okay|would be great|is great",
    "neg at": "instead of|rather than",
    "instead": "instead",
    "also": "too|also|as well",
    "orlater": "or later|or after|onward|onwards|and later|or anytime after|at the earliest"
    "|or any time after|and after|or beyond"
    "|and on",
    "orbefore": "or earlier|or before|at the latest",
    "mo:12 n:24": "christmas eve|xmas eve",
    "mo:12 n:25": "christmas|christmas day|xmas",
    "mo:12 n:31": "new years eve|new year's eve|nye",
    "mo:1 n:1": "new years day|new years|new year's day|new year's",
    "had": "cancel|need to cancel|i have an appointment|i have a visit|i have an appt"
    "|i had an appointment|i have appt"
    "|i've got an appointment|my appointment is|my appointment was|my appt is|my appt was"
    "|my visit is|i am scheduled|i'm scheduled|im scheduled|i am booked|i'm booked|im booked"
    "|have an appointment|have an appt"
    "|my current appointment is|i am down|i was scheduled|you have me|appointment is set"
    "|i was booked|i have one|i had an appt",
    "pv": "i take|i usually take|take my|saw|fell|went|missed|ran out|visited|woke up|was seen"
    "|was diagnosed|had surgery|i had"
    "|started feeling|it started|started on|happened|got sick|got hurt|came in|hurt my|hurt it"
    "|was in the|was there|last seen|i took|took my|began|born|dob|date of birth|birthday|bday"
    "|birth date|birthdate|expires|expired|expire|dated",
    "mv": "move|reschedule|change|switch|push|bump|shift|postpone|rescheduled|moved|changed|resched"
    "|rebook|swap|push back",
    "visit": "appointment|appt|apt|visit|appointments|appts|app|slot|checkup|booking|meeting"
    "|check|check up|check - up|followup|follow up|follow - up|exam|test|screening|recheck"
    "|review|physical|consult|consultation|checkups",
    "yest": "yesterday|yday|yesterdays|last night|day before yesterday|the day before yesterday"
    "|yesterday morning|yesterday afternoon|yesterday evening|yesterday night|the other night",
    "this": "this|the current|current|this current|this coming|ths",
    "coming": "coming|upcoming|the upcoming|the coming|coming up",
    "next": "next|nxt|following|the following|the next|this next|nex|neext",
    "last": "last|previous|the last|the previous|prior|the past|this past|past un",
    "the": "the|th|teh",
    "of": "of|in the month of",
    "on": "on|onn|for on",
    "in": "in|during|in about|in like|in the next like|about in|in the|in around|in another",
    "within": "within|within the next|in the next|in less than|over the next|inside of",
    "an": "a|an",
    "for": "for|4or",
    "fromnow": "from now|hence|from right now|out from now",
    "ago": "ago|back",
    "old": "old|yo|y o|years old|year old|yrs old|yr old|months old|month old|weeks old|year olds",
    "every": "every|each",
    "rest": "rest of|remainder of|later in",
    "later": "later|later on|latter part of",
    "early": "early|early in|beginning of|the beginning of|start of|the start of|first part of"
    "|first half of|the first half of|at the start of|at the beginning of",
    "mid": "mid|middle of|the middle of|mid -|midway through",
    "end": "end of|the end of|late|late in|latter half of|second half of|the second half of|the end"
    "|last part of|at the end of|towards the end of|toward the end of|tail end of",
    "rd:0 end un:m": "eom",
    "asap": "anytime|any time|whenever|any day|anyday|any date|no preference|flexible"
    "|open schedule|asap|as soon as possible|soon as possible|as soon as you can|right away|soonest"
    "|immediately|first available|next available|earliest available|earliest possible|earliest|now"
    "|right now|as early as possible|as soon as u can|the sooner the better|at your earliest"
    "|as soon as|soon|earliest opening|next opening|first opening|a s a p|whenever you can"
    "|any time soon|anytime soon|quickest|as quickly as possible|quick as possible",
    "ms": "mg|mcg|ml|mgs|milligrams|units|pills|pill|tablets|tablet|lbs|lb|pounds|pound|kg|kilos"
    "|degrees|bpm|mmhg|people|persons|kids|times|percent|ft|feet|inches|miles|blocks|dollars|bucks"
    "|doses|dose|puffs|drops|refills|stitches|weeks pregnant|oz|cm|g|iu|mmol|questions|patients"
    "|siblings|children|steps|packs|cigarettes|beers|drinks|sessions|visits|street|st"
    "|ave|avenue|main st|cups|teaspoons|tsp|stars|out of",
    "msw": "bp|b p|blood pressure|pressure|sugar|sugars|glucose|a1c|pulse|heart rate|temp"
    "|temperature|fever|weight|weigh|weighs|oxygen|o2|spo2|sat level|saturation|scale|severity"
    "|reading|level|levels|reads|bg|bs|hr rate|cholesterol|room|suite|apartment|unit|zip|extension"
    "|ext|age|aged|dosage|taking",
    "fn": "option|available|opinion|shot|vaccine|trimester|grade|degree|floor|line|thing|question"
    "|step"
    "|name|choice|child|baby|kid|booster|injection|round|treatment|attempt|stage|type",
    "sunx": "exposure|burn|screen|light|damage|rash|spots|allergy|block|poisoning|sensitivity"
    "|protection|glasses|stroke",
    "satx": "down|here|there|beside|next to",
    "pron": "i|he|she|we|they|you|it|who|that|just|u",
    "dr": "dr|doctor|doc|nurse|mr|mrs|ms|miss|dra",
}
