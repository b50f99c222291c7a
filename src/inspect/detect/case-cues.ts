/**
 * Signs around a person's name that the text is, or isn't, about care for that person, with their weight in points.
 * Each reads a small window in lower case that ends (`before`) or begins (`after`) at the name. None decides alone:
 * `case-evidence.ts` adds them up.
 */
export interface Cue {
  readonly points: number;
  readonly pattern: RegExp;
}

const KIN =
  'mom|mum|mommy|mummy|mother|dad|daddy|father|son|daughter|wife|husband|sister|brother|aunt|uncle|grandm[ao]\\w*|grandp?a\\w*|nana|nephew|niece|cousin|partner|boyfriend|girlfriend|fianc\\w+|child|baby|kids?|twins?|toddler|boy|girl|roommate|neighbou?r|friend|nanny|in-law|coworker|guardian';

export const BEFORE: readonly Cue[] = [
  {
    points: -8,
    pattern:
      /\b(?:my|our|your|his|her|their) (?:[a-z]+ )?(?:dog|cat|puppy|kitten|horse|pony|rabbit|hamster|parrot),? $/,
  },
  // Titles of people who aren't addressed as those who give care.
  {
    points: 2,
    pattern:
      /(?:^|[^a-z])(?:mr|mrs|ms|miss|mx|master|mme|mlle|madame|monsieur|herr|frau|sra?|señora?|sig|signora?|mevr|mevrouw|dhr|dña|doña|don|herrn|hrn?|baby|little|old|grandma|grandpa|granny|nana|auntie?|uncle|cpl|sgt|pvt|capt)\.?(?: (?:and|&) (?:mrs|ms)\.?)? $/,
  },
  {
    points: 3,
    pattern: new RegExp(
      `\\b(?:my|our|his|her|their|your|whose) (?:[a-z-]+ ){0,3}?(?:${KIN}|client|patient|employee|worker|member|resident|student)[, (:]{0,3}(?:is |named |called |mrs?\\.? |ms\\.? )?$`,
    ),
  },
  {
    points: 2,
    pattern: new RegExp(
      `\\b(?:${KIN}|next of kin|guardian|family|parents?|behalf) of (?:mrs?\\.? |ms\\.? )?$`,
    ),
  },
  // What a letter is about.
  {
    points: 2,
    pattern:
      /\b(?:this (?:letter|note|report|referral|message|e-?mail|request|call) (?:concerns|is about|regards|is regarding|pertains to)|i (?:write|am writing|['’]m writing|wrote) (?:about|regarding|concerning|on behalf of|in support of)|(?:will|may|might|all|you) (?:remember|recall)|cared for|looked after) (?:mrs?\.? |ms\.? )?$/,
  },
  // "patient Jane Roe", whoever else is in the sentence.
  { points: 1.5, pattern: /\b(?:patient|pt|inpatient|outpatient) $/ },
  // A label of a form, or the head of a letter.
  {
    points: 2,
    pattern:
      /(?:^|\n|[|:;,.] ?|\t| {2,})[ \t>*-]{0,4}(?:re|(?:patient |client |member |full )?name|patient|pt|client|member|claimant|insured|applicant|guarantor|policyholder|student|camper|evaluee|proband|decedent|deceased|resident|beneficiary|subscriber|cardholder|participant|recipient|donor|guest|consumer|subject|surname|worker|child|caller|for|bill to|ship to|deliver to|w\/c|dear patient|amb|s|pt name|subject's name|mother|father|mom|dad|baby (?:girl|boy)|name of (?:member|patient|insured|client)|certif\w+ that|confirms? that|index case)[ \t]{0,2}(?:[:.–—-]?|[._]{2,24}:?)[ \t]{1,4}$/,
  },
  // A label above its value.
  {
    points: 2,
    pattern:
      /(?:^|\n)[ \t>*-]{0,4}(?:(?:patient|pt|client|resident|insured|claimant|decedent|deceased|subscriber)(?:['’]?s)?(?: name)?|name of (?:patient|insured|member|client|deceased))[ \t]{0,2}:?[ \t]{0,4}\n[ \t]{0,4}$/,
  },
  // Verbs of care, and what is sent about somebody.
  {
    points: 2,
    pattern:
      /\b(?:saw|seen|seeing|visited|book(?:ed)?|schedule[d]?|squeeze(?: in)?|move|swap|push|bump|fit in|chase|refer(?:red|ring)?|examined|evaluated|assess(?:ed|ing)?|accept(?:ed|ing)|discussed|triaged|treat(?:ed|ing)?|admit(?:ted)?|discharged?|transferr?(?:ed)?|diagnosed|operated on|vaccinated|consented|screened|rescheduled?|cancel(?:led)?|excuse|placement for|update on|results? (?:back )?(?:for|on|of)|labs? (?:back )?(?:for|on)|path (?:back )?(?:for|on)|sessions? with|found on|notes? (?:for|on)|refill for|report (?:for|on)|images? (?:for|of)|chart (?:for|of)|ct (?:for|on)|(?:mri|scan|biopsy|x-?ray|echo|ekg|bloods|sample|specimen|prescription|script|referral|appointment|appt|consult|auth\w*|claim|consent|coverage|records?|stuff|meds?|medicines?|supplies|visit|bed|surgery|op|procedure|test|(?<!\b(?:to|for|with|joins?|of|from|at|by|let|tell|give|send) )us|scans?|film|smear|request(?: received)?|records? (?:[a-z]+ )?received|subpoena received|authori[sz]ation received|received|dose|shots?|labell?ed|interpreter|interpreter \d.{0,12}|oxygen|wheelchair|formula) (?:for|of|on|from|with)) (?:the |our |my |your )?(?:mrs?\.? |ms\.? )?$/,
  },
  {
    points: 1,
    pattern:
      /\b(?:for|about|regarding|concerning|re|with|on|of|is|it's|its|i'm|i am|im|under|to|from|call|called|given?|gave|confirm|tell|told|ask|asked|and|vs|to inform that|confirm that|whether|female,|male,|found|note that|get|got|has) (?:the |our |my |your )?$/,
  },
  {
    points: 2,
    pattern:
      /\b(?:order|reminder|letter|subpoena|screen|cultures?|level|panel|exam|check-?up|injection|infusion|vaccine|vaccination|diet|tray|transport|pick-?up|voucher|excuse|bill|statement|refund|balance|denial|appeal) (?:for|of|on) (?:the |our |my |your )?(?:mrs?\.? |ms\.? )?$/,
  },
  {
    points: 2,
    pattern:
      /\b(?:could|can|would|will) (?:you|someone) (?:please |kindly |also |just )?(?:see|review|assess|examine|check on|look at|evaluate) (?:mrs?\.? |ms\.? )?$/,
  },
  { points: 1, pattern: /(?:^|[\n.;!] ?)(?:urgent|stat|asap|fyi|heads up|update)[:!,-]{0,2} $/ },
  // The head of an entry in a list.
  {
    points: 1,
    pattern:
      /(?:^|\n)[ \t>]{0,4}(?:[-–—•*]|\d{1,5}[.):]?|\d{1,2}[:.]\d\d|bed \d+:?|rm \d+:?)?[ \t]{0,3}$|[:;,] (?:[01]\d|2[0-3]):?[0-5]\d $/,
  },
  // What is kept or said about one patient, with the name behind it.
  {
    points: 2,
    pattern:
      /\b(?:results?|value|data|labs?|report|notes?|update|images|chart|referral|records?|conference|care plan|eval\w*|assessment|consult\w*|addendum|form|order|request|refill|rx|script|biopsy|scan|mri|ct|x-?ray|ultrasound|summary|consent|admission|discharge|transfer|follow.?up|visit|appointment|appt|claim|denial|appeal|complaint|incident|placement|intake|clearance|checklist|sheet|care|handover|excuse|necessity|letter|alert|message|reminder|voucher|update) ?[–—:(,-]{0,2} ?$/,
  },
  { points: 1, pattern: /(?:^|\n)[^\n.]{2,40}[:–—] $/ },
  // What became of a request, a specimen or a claim: "Prior authorization denied: Jane Roe".
  {
    points: 1.5,
    pattern:
      /(?:^|[\n.;] ?)[ \t>*-]{0,4}[^\n:]{4,60}\b(?:approved|denied|requested|received|needed|required|rejected|reported|missing|overdue|pending|cancelled|canceled|confirmed|failed|due|late|urgent|stat|positive|abnormal|critical|final)[:,–—-]{1,2} $/,
  },
  {
    points: -3,
    pattern:
      /\b(?:ship|send|deliver|order)(?:ed|ment)? (?:of )?\d+ (?:vials|boxes|cases|units|kits|cartons|packs|bottles|doses)\b[^.\n]{0,60}$/,
  },
  {
    points: -5,
    pattern:
      /\b[a-z]*(?:visor|manager|ordinator|director|trainer|teacher|ologist|chief|lead|captain|clerk|warden|planner|buyer|owner)[:,]? $/,
  },
  // Somebody to turn to.
  {
    points: -3,
    pattern:
      /\b(?:chat|question\w*|information|details|interested|regist\w+|rsvp|apply|book|enrol+|sign up)\b[^.\n]{0,40}\b(?:call|contact|phone|text|e-?mail|ring|see|ask|to|with)(?: sister| nurse)? $/,
  },
  // Somebody to turn to at a place, or who is there for work.
  {
    points: -5,
    pattern:
      /\b(?:contact (?:on.?site|person|name)|on.?site contact|buyer|purchaser|requester|requested by|present|attendees|in attendance|absent|apologies|winners?|graduates|new hires|excused(?=:)|minutes(?=:)|minutes (?:taken )?by)[:,]? {1,2}(?:[A-Za-z'’.-]+ [A-Za-z'’.-]+(?: \([^()\n]{1,16}\))?, ){0,6}(?:m(?:rs?|s|iss)\.? )?$/i,
  },
  // To whom work is sent.
  {
    points: -3,
    pattern:
      /\b(?:due|submit\w*|forward\w*|return(?:ed)?|report(?:s|ed)?|photos|pictures|comments|feedback|invoices?|quotes?|bids?|replies|reply|rsvps?) (?:is |are |are due |due )?(?:back )?to (?:mrs?\.? |ms\.? )?$/,
  },
  // Age and sex before the name.
  {
    points: 3,
    pattern:
      /\b(?:female|male|woman|man|lady|gentleman|boy|girl|[mf])?[, ]{0,2}(?:aged? )?\d{1,3} ?(?:-?(?:y\/?\.?o\.?|yrs?(?: old)?|years? old|year-old))[,:]? $/,
  },
  { points: 2, pattern: /(?:^|\n|[.;] )(?:employee|inmate|veteran|passenger|driver|tenant|pupil) $/ },
  // Somebody at work.
  {
    points: -5,
    pattern:
      /\b(?:by|speakers?|presenters?|moderators?|moderated by|copied|super users?|discussants?|assigned to:|took over from|takes over from|taking over from|chair(?:ed by)?|hosts?|hosted by|led by|instructor|author|editor|facilitator|thanks|thank you|thx|congratulations|congratulating|congratulate|congrats|kudos|welcom(?:e|ing)|(?<!(?:pleasure|joy|good|lovely|asked|delight|wonderful) to )meet|featuring|dr|drs|prof|cc|attn|attention|signed|contact|questions? to|ask for|rsvp to|email|e-mail|preceptors?|organi[sz]er|pi|principal investigator|ceo|cfo|coo|cio|president|director|managers?|coordinator|counsel|officer|rn|md|surgeon|attending|provider|physician|secretary|tech|witness|advocate|nominee|winner|analyst|epidemiologist|sheriff|rev|chaplain|star|actor|nurses?|paramedics?|therapist|social worker|dietitian|pharmacist|counsel+or|researcher|scientist|colleague|(?<=["”’',] )(?:said|says)|senator|governor|mayor|principal|coach|professor|dean|fellow|resident physician|representative|rep|nurse practitioner|practitioner|midwife|sales|vendor|candidate|hire|reviewed by|approved by|prepared by|regards|sincerely|best|cheers|recruiter|reporter|estate of|(?:dr|drs|prof|rev)\.)(?:[:,]? |[,!.]?\n{1,2})(?:mr\.? |mrs\.? |ms\.? )?$/,
  },
  // Who is on duty, or has to be trained; who is one of a panel, a cast or a list of authors.
  {
    points: -5,
    pattern:
      /\b(?:on.?call|on duty|training|e-?learning|appraisals?|revalidation|competenc(?:y|ies)|interview panel|panel|faculty|examiners?|judges|cast|actions?|organi[sz]ers|instructors|tutors|candidates?|graduates|members|editors|authors|presenters|contributors|coordinator|agenda|apologies|congratulations|rota|roster|winners?)\b[^\n]{0,60}[:,;] (?:[^:\n]{0,40}[ (])?(?:m(?:rs?|s|iss|x)\.? )?$/,
  },
  // Somebody of the house, or one who is praised, judged or taken on for work.
  {
    points: -5,
    pattern:
      /\b(?:our|the|my|new|your|fellow|dear) (?:[a-z-]+ ){0,2}(?:colleague|porter|plumber|cleaner|caretaker|receptionist|volunteer|matron|housekeeper|cook|chef|gardener|driver|builder|contractor|apprentice|trainee|intern|librarian|archivist|curator|accountant|auditor|photographer|journalist|minister|trustee|patron|fundraiser|governor|steward|spokes(?:wo)?man|spokesperson|locum|houseman|registrar|consultant|sponsor|investigator)s?,? $/,
  },
  {
    points: -5,
    pattern:
      /\b(?:supervised|mentored|hired|employed|appointed|trained|interviewed|promoted|recruited|shortlisted|nominated|welcomed|supporting|reference for|(?:recommendation|reference) (?:letter )?(?:for|of)|recommend|recommending|(?:thanks|thank you|kudos|credit|congratulations|farewell|goodbye|tribute|invitation|best wishes|whip.?round|collection|leaving (?:do|card|party)|present) (?:go(?:es)? )?(?:to|for|from)) (?:m(?:rs?|s|iss)\.? )?$/,
  },
  // Who is named for an applicant, or leads a team.
  {
    points: -5,
    pattern:
      /\b(?:references are|references(?=:)|referees?(?: are)?|captains?|co-?chairs?|return(?: [a-z0-9-]+){1,4} to|nominat(?:e|ing)|celebrat(?:e|ing)|t-?shirts from)[:,]? (?:[a-z'’. -]{1,40}(?:;|,|,? and) )?$/,
  },
  // Of the church, at work.
  {
    points: -5,
    pattern:
      /\b(?:chaplain|priest|vicar|imam|rabbi|pastor|canon|deacon|bishop),? (?:father |rev\.? |sister |brother )?$/,
  },
  // To whom one turns with questions.
  {
    points: -5,
    pattern:
      /\b(?:questions?|queries|enquiries|inquiries|comments|wording|posters?|leaflets|tickets|bookings?|reservations|clarifications?|registrations?|details)\b\??[^.\n:?]{0,30}(?::|\bto|\bfrom|\bfor|\bask|\bcontact|\bcall|\bemail|\bvia|\bby|[.?] ask) (?:[a-z]+ (?:control|department|team|office) )?[(]?(?:(?:miss|m(?:rs?|s)\.?) [a-z]+ or )?(?:m(?:rs?|s|iss)\.? |sister |matron )?$/,
  },
  // "Pleasure to meet Jane Roe in consultation", "cover for", "many of you know", "injured worker".
  {
    points: 2,
    pattern:
      /\b(?:pleasure (?:to|of) (?:meet(?:ing)?|see(?:ing)?|evaluat(?:e|ing))|update (?:you|everyone|the team) on|(?:asked|ask|asking|heard|know|worried|praying) (?:about|for)|many of you know|injured (?:worker|employee|party)|cover for|(?:sit|sat|pull(?:ed)?|take|took|keep|kept|hold|held)|possible (?:subject|candidate|participant)(?: for [^\n]{1,24})?:) ?\n?$/,
  },
  // In other languages: of the family; who is referred, or whose papers these are.
  {
    points: 3,
    pattern:
      /(?<![\p{L}])(?:mi|su|nuestr[oa]|mon|ma|notre|son|sa|meine?n?r?|unsere?n?|ihre?n?|mijn|minha?|meu|mio|mia) (?:hij[oa]|niñ[oa]|madre|padre|marido|mujer|espos[oa]|herman[oa]|abuel[oa]|mamá|papá|beb[eé]|fils|fille|mère|père|mari|femme|frère|sœur|soeur|bébé|tochter|sohn|mutter|vater|mann|frau|bruder|schwester|kind|oma|opa|mutti|papa|mama|moeder|vader|zoon|dochter|filh[oa]|mãe|pai|figli[oa]),? (?:don |doña |frau |herrn? )?$/u,
  },
  {
    points: 2,
    pattern:
      /(?<![\p{L}])(?:remit(?:o|imos) a|deriv(?:o|amos) a|valorar? a|paciente:?|ingresa|alta de|cita para|resultados de|informe de|visita a|receta para|solicita [\p{L} ]{3,40} para|adresse|confie|patiente?:?|suivi de|résultats de|compte rendu:?|concernant|ordonnance pour|rendez-vous pour|bericht(?:e|en)? (?:ihnen )?über|betrifft:?|betr\.:?|patientin:?|patienten|befund (?:von|für)|rezept für|termin für|überweisung (?:von|für)|vorstellung (?:von|der|des)|arztbrief:?|diagnosen? (?:bei|von)|bei) (?:(?:a|le|la|el|don|doña|m\.?|mme\.?|mlle|monsieur|madame|herrn?|frau|hrn?\.?|fr\.|sra?\.?|den|der|die|ihre patientin|ihren patienten) ){0,2}$/u,
  },
  // In care of one person.
  {
    points: 2,
    pattern:
      /\b(?:check(?:ing|ed)? (?:in )?on|eyes on|keep(?:ing)? an eye on|worr(?:ied|ying) about|concerns? (?:about|re|regarding|for)|concerned (?:about|for)|looking after|caring for|took care of|death of|body of|thank(?:s| you) for (?:sending|referring|asking (?:me|us) to see)|home visit (?:to|for)|bed \d+ for|keep (?:bed )?\d+ for|list for|come (?:and|to) see|called to|bleeped (?:re|about|for)|meds rec for|safeguarding (?:re|for)|police (?:re|about)) (?:m(?:rs?|s|iss)\.? |pt |patient )?$/,
  },
  // Nobody in particular, or a made-up one.
  {
    points: -4,
    pattern:
      /\b(?:test|sample|demo|example|fictional|dummy|playground|imaginary|hypothetical) (?:patients? )?(?:are named |named |called )?["'“]?$/,
  },
];

export const AFTER: readonly Cue[] = [
  // What patients do, and don't.
  {
    points: 2,
    pattern:
      /^[ ,]{1,2}(?:who |also |just |still |now |again |has |had |have |is |was ){0,2}(?:attended|dna\b|dna['’]d|d\/c|desat\w*|deteriorat\w+|spik(?:ed|ing)|tolerat(?:ed|ing)|mobili[sz]\w+|wheez\w+|bleeding|vomit\w+|seizing|fitting|passed (?:urine|out)|woke|collapsed|(?:has ?n['’]?t|did ?n['’]?t|is ?n['’]?t|was ?n['’]?t|can['’]?t|cannot|won['’]?t|would ?n['’]?t|has not|did not) (?:attend|come|be (?:back|in\b|able|playing|at)|play|turn up|show|slept|sleep|eaten|eat|opened|passed|taken|take|tolerat\w+|manage|walk|breathe|swallow|feel|see|hear|remember|speak|move|get up|go back|live|cope|stand|sit|work|return|afford)|consented (?:to|for)|withdrew|(?:was |been )?randomi[sz]ed|went into|went to (?:theatre|icu|itu|ed|a&e|hospital|resus)|moved to (?:icu|itu|hdu|status|ward|the ward|bed)|came (?:about|round|back (?:for|to|with|from)|in (?:with|for|after|by))|stopped (?:taking|eating|breathing|his|her)|rang\b|phoned|telephoned|is (?:due|back|home|asking (?:for|when|if|whether|about|to)|refusing|declining|keen|worried|tearful|stable|septic|dying|nbm|npo|for (?:theatre|discharge|review|surgery|scan))|(?:has|with) (?:got|been (?:getting|having|feeling|vomiting|coughing|losing|admitted|unwell|sick))|wants? to (?:go home|self|discuss|stop|know))/,
  },
  // In other languages: an age, and what is said of patients.
  {
    points: 3,
    pattern:
      /^,? (?:\()?(?:de |âgée? de |von )?\d{1,3} ?(?:años|ans\b|jahre\b|jährige|j\.|jaar|anni|anos|lat\b)/,
  },
  {
    points: 2,
    pattern:
      /^,? (?:(?:qui|que|quien|der|die) )?(?:klagt|leidet|wurde|stellte? sich|hat (?:seit|starke|wieder|keine|heute|gestern)|nimmt|braucht|ist (?:gestürzt|gestuerzt|schwanger|erkrankt|seit)|befand sich|zi\.|tiene|presenta|sufre|ingresa|ingresó|acude|refiere|padece|está (?:con|en|embarazada|ingresad)|toma\b|necesita|no puede|se (?:cayó|queja)|a été|a eu|a fait|souffre|présente|se plaint|est (?:hospitalis|enceinte|suivi|opéré|tomb|sous)|refuse de|prend\b|hospitalisée?)/,
  },
  {
    points: -5,
    pattern:
      /^,? (?:from|aus (?:der|dem)|von der|de la|du|del?|des) (?:the )?(?:buchhaltung|verwaltung|personal(?:abteilung|stelle|es)?|einkauf|edv|compras|contabilidad|administración|comptabilité|ressources|achats|accounts|accounting|finance|procurement|purchasing|security|hr|human resources|estates|facilities|comms|communications|kitchen|catering|engineering|it|payroll|library|marketing|sales|legal|reception|switchboard|housekeeping)\b/,
  },
  { points: 2, pattern: /^[ ,]{1,2}(?:is |has )?(?:goes|went|gone|going|coming|came) home\b/ },
  // Who is asked to do something.
  {
    points: -4,
    pattern:
      /^, (?:(?:could|can|would|will|do|did|have|are|were|shall) (?:you|we|u)\b|please\b|pls\b|let me know|thanks\b)/,
  },
  // Somebody's at work: shifts, and a department in parentheses.
  {
    points: -5,
    pattern:
      /^(?:['’]s last (?:day|shift)\b(?! (?:of|on) (?:life|chemo|treatment|radiation|antibiotics|therapy|dialysis|steroids|earth|the ventilator))|['’]s (?:(?!disab|handicap|sick|medical)[a-z]+ )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|nights?|long day|slot|post|job|desk|office|team|place on|parking|leaving|farewell|retirement|new (?:car|job|role))\b| \((?:hr|it|finance|comms|communications|estates|pharmacy|chair|lead|nursing|procurement|secretary|minutes|[a-z]+ (?:department|team|manager|lead)|(?:[a-z]+ )?(?:[a-z]+(?:ology|iatrics?|surgery|care|medicine|x)|surgery|obstetrics|oncology))\)(?! (?:[a-z]+(?:ing|ed)\b|has|had|is|was|needs?|with|w\/))| \((?:backup|back-up|alternate|relief|deputy)\b(?! (?:o2|oxygen|generator|battery))| {2,}priority: | \([a-z] ?[-–] ?[a-z]\)| (?:have|has) (?:updated|revised|drafted|rewritten|finali[sz]ed|launched) (?:the|our) (?:[a-z]+ ){0,2}(?:sets?|protocols?|polic(?:y|ies)|pathways?|guidelines?|schedules?|templates?|pages?|forms?|lists?)\b| (?:has asked to swap|swaps?|retires|is retiring|is leaving|will be leaving|joins? us|joined us|starts (?:on|as|in the|with us)|has been appointed|was appointed|graduated|qualified|takes over|is (?:away|off) (?:until|till|from|on)|thought|had it last|is bringing|to (?:bring|order|redo|talk|draft|circulate|chase up|update the|present|report|write|book)|is on site|tauscht|spricht|donnera|impartirá|dará)\b)/,
  },
  // Age or sex.
  {
    points: 3,
    pattern:
      /^[ ,("'–—-]{1,4}(?:(?:an?|aged?:?|now|is|was|who is|just) )?(?:\d{1,3} ?-?(?:y\/?\.?o|yrs?|years?|mos?|months?|wks?|weeks?|days?|y)\b|(?:1[01])?\d{1,2}(?=[,);–—]|[.-](?!\d)|$| [,(–—-])|\d{1,3} ?[mf]\b|[mf][ /,]?\d{1,3}\b)/,
  },
  {
    points: 2,
    pattern: new RegExp(
      `^['’]s (?:${KIN}|family|parents?|caregiver|aide|group home|spouse|guardian|teacher)\\b`,
    ),
  },
  {
    points: 2,
    pattern: /^ (?:baby|babies|family|kids?|twins|boy|girl|residence|household|infant|children)\b/,
  },
  { points: 1, pattern: /^['’]s / },
  // What somebody at work has or makes, and who works for the one named.
  {
    points: -4,
    pattern:
      /^['’]s (?:[a-z]+ )?(?:overtime|shifts?|timesheets?|payroll|salary|badge|laptop|login|contract|manuscript|thesis|dissertation|paper|talk|lecture|presentation|poster|grant|retirement|promotion|appointment as|rep|reps|representative|sales|licen[cs]e|credentials?|privileges|onboarding|podcast|article|webinar|seminar)\b/,
  },
  // What patients do, and what is done with them.
  {
    points: 2,
    pattern:
      /^[ ,]{1,2}(?:who |also |just |still |now |again |probably |[a-z]+ly |already |never |is |was |has |had ){0,2}(?:(?:has|had) (?:an?|no|been|not|some|his|her|severe|mild|new|lost|tested|completed|active)\b|need(?:s|ed) |takes (?!over (?:as|from|for|the)\b)|took (?!over (?:as|from|for|the)\b)|c\/o|complain|fell\b|refus|declin|tested|died|passed away|lost |missed|denies|presented|threw up|slept|cried|underwent|pulled out|keeps|came in|was (?:seen|found|brought|admitted|given|treated|born|operated|started|diagnosed|referred|discharged|hospitali)|is (?:on|in|at|due|booked|scheduled|having|taking(?! over)|asking (?:for|when|if|whether|about|to)|allergic|pregnant|fasting|scheduled|still|now|back|not|confused|doing|out)|failed|relapsed|overdosed|no.?show|recovering|on \d|undergone|seen\b|admitted|known)/,
  },
  {
    points: 1,
    pattern:
      /^[ ,]{1,2}(?:who |also |just |still |now |[a-z]+ly ){0,2}(?:has|had|hasn|is|isn|was|were|called|may|can|cannot|can't|cant|doesn|didn|wants?|would|states|reports|arrived|received|left|overpaid|asked|says|got|gets|came|comes|moved|called in|w\/|with(?! (?:your|the|any|our|a)\b)|for|re|re:|at|to|here|dob|keeps)\b/,
  },
  // The rest of an entry in a list.
  { points: 1, pattern: /^ ?(?:[–—:|(;/]|[ -]-|\t| {2,}|["'”]|, ?\d)/ },
  // A telephone message, or an address below the name.
  { points: 2, pattern: /^\n[ \t>]*(?:phone|tel|cell|call.?back|dob|mrn)\b ?[:#]/ },
  { points: 1.5, pattern: /^\n[ \t>]*\d{1,5} [a-z0-9.]+ [a-z]/ },
  // Who is away from work or school.
  {
    points: 2,
    pattern:
      /^(?: (?:in|from|on) (?:the )?[a-z]+(?: [a-z]+)?)? (?:has asked for|asked for|requested|is requesting|is on|went on|will be on) (?:(?:an? )?(?:extended )?(?:medical |sick |family |parental )?leave|time off|accommodations?|fmla)\b/,
  },
  // Sex, as records have it.
  { points: 2, pattern: /^,? (?:\((?:fe)?male\)|(?:fe)?male(?=[,;.)\n]|$))/ },
  // "Ms. Roe in 215", "Mr. Doe 219 spiked 102.4".
  { points: 2, pattern: /^ (?:in )?\d{3}[a-d]?(?= [a-z]|[,;:])/ },
  // Where this person lies or goes to school, whose family is told, and what happens to people.
  {
    points: 2,
    pattern:
      /^,? \(?(?:(?:(?:in|from|at) )?(?:rm|room|bed|bay|ward)\.? ?\d|(?:in )?(?:grade|year|class) \d|\d(?:st|nd|rd|th) grade)/,
  },
  {
    points: 1.5,
    pattern: new RegExp(
      `[,;.–—-] ?(?:please |pls )?(?:call|tell|ask|text|ring|notify) (?:his |her |the )?(?:${KIN}|parents?|family)\\b`,
    ),
  },
  {
    points: 2,
    pattern:
      /^(?: has| had| just| also)? (?:broke|fractured|tore|sprained|dislocated|twisted|slipped|tripped|collapsed|fainted|choked|seized|vomited|bled|admits to|admitted to using|swallowed|ingested|inhaled|burned|rejected (?:his|her))\b/,
  },
  // What was done for this person: "cultures for Jane Roe, drawn today".
  {
    points: 1.5,
    pattern:
      /^,? (?:was |were |is |are )?(?:drawn|collected|resulted|taken|obtained|performed|excluded|withdrawn|denied|declined|discharging|inpatient|outpatient)\b/,
  },
  // Somebody at work, or a thing that bears a name.
  {
    points: -4,
    pattern:
      /^[,:]? ?(?:\(?(?:he|she|they)\/|x ?\d{3,}|et al|v\. |and (?:colleagues|his team|her team|their)|(?:and [a-z]+ [a-z]+ )?(?:will |also |then |has |have |was |is |is going to |been |recently |kindly )*(?:present\w*|speak\w*|talks?|leads?|led|hosts?|hosted|chairs?|chaired|join(?:s|ed)|wrote|writes|explain\w*|announc\w*|invit\w*|discuss\w*|describ\w*|told us|of the|of [a-z]+ (?:research|university|hospital|college)|from (?:(?:the|our)(?! (?:choir|church|gym|club|warehouse|kitchen|school|neighbou?rhood|bus|street)\b)|[a-z]+ (?:staffing|sales|research))|reviewed|will cover|covers|promoted|named|completed her residency|completed his residency|has a special interest|countersigned|sent you|founded|runs|argues?|writing|signs|devised|published|(?:hopes|thinks|believes)(?! (?:that )?(?:s?he|his|her|it|the)\b)))\b/,
  },
  {
    points: -3,
    pattern:
      /^,? (?:from|of|with) [a-z]{3,} (?:will|can|would|is going to) (?:demo\w*|show|train|teach|install|send|deliver|service|repair|present)\b/,
  },
  // Quoted, asked to do something at work, or with an extension.
  {
    points: -5,
    pattern:
      /^,? (?:(?:at|of) (?:[a-z.'’&-]+ ){0,4}(?:hospital|clinic|health|cent(?:er|re)|system|counsel) (?:said|says|wrote|reviewed|calls it)\b(?! (?:s?he|her|his|they)\b)|(?:[a-z ,]{2,24},? )?ext(?:ension|\.)? ?\d{2,6}(?=[.;\n]|$)|(?:needs? to|must|has to|should) (?:approve|authori[sz]e|initial|countersign)\b|(?:has |already |have )*said (?:yes|no|ok)\b|asked (?:how|whether|if) (?:to|we|they) (?:code|bill|order|enter|log)\b|leaves us\b|suggested (?:i|we)\b|for (?:working|covering|organi[sz]ing|hosting|speaking|helping|leading|running|your (?:help|work|years|time))\b|(?:in|from) (?:purchasing|marketing|it|finance|hr|human resources|procurement|legal|compliance)\b|and (?:dr\.? [a-z]+ agree\b|(?:the|our|all) (?:[a-z]+ )?(?:residents|fellows|interns|students)\b)|who (?:retires|is retiring|joins|leads)\b)/,
  },
  {
    points: -5,
    pattern:
      /^, (?:(?:[a-z.'’&-]+ ){0,4}(?:university|school|college|residency)\b|(?:[a-z]+ ){0,2}(?:engineering|affairs|education|services|accounts|purchasing|procurement|logistics|operations|hr|gme|outside counsel|c[a-z]o|cpc|ccs|rhi[at]|mlis|cna|lvn|crna|dnp|aprn|fnp|rph|bsn|facp|facs)\b)/,
  },
  // A signature in one line; in a row of a list a date stands there.
  { points: -4, pattern: /^ ?(?:@|\| ?(?![a-z]{3,9}\.? \d{1,2}, \d)[a-z])/ },
  {
    points: -4,
    pattern:
      /^(?: (?:at|on|in [a-z]+ (?:at|on))|,)? \(?\+?[0-9][0-9() .-]{6,}\d(?= ?(?:for|to|with|if|or|by)\b)/,
  },
  {
    points: -3,
    pattern:
      /^,? (?:with|from|of|at) (?:the )?(?:[a-z]+ ){0,4}(?:associations?|society|foundation|institute|university|college|company|inc|llc|agency|council|league|federation|alliance|coalition|university)\b/,
  },
  {
    points: -4,
    pattern:
      /^ (?:hospital|clinic|center|centre|hall|pavilion|building|award|foundation|institute|university|college|school|street|road|drive|avenue|library|wing|theat(?:er|re))\b/,
  },
  {
    points: -4,
    pattern:
      /^,? ?(?:\(?(?:rn|md|do|phd|pharmd|lpn|np|pa|lcsw|mph|mba|msn|cpa|jd|esq|rd|pt|ot)\b|(?:(?:is|was) )?(?:the |our |an? )?(?:(?!(?:and|or|his|her|their|the|an?|my|is|was|has|had|saw|sees|needs?|wants?|to|with|for|by|from|at|on|in|of|who|asks?|[a-z]+ed)\b)[a-z]+ ){0,2}(?:directors?|managers?|coordinator|educator|officer|editor|author|speaker|chair(?:man|woman)?|president|ceo|cfo|secretary|assistant|administrator|attorney|vendor|representative|recruiter|trainer|instructor|nurse|dietitian|lead|facilities|department|unit clerk|analyst|engineer|consultant|professor|fellow|registrar|specialist|partner|counsel|associate|supervisor|technician|pharmacist|therapist|scribe|liaison|physicist|surgeon|physician|[a-z]{4,}ologist|midwife|paramedic|radiographer|anaesthetist|pa?ediatrician|psychiatrist|dentist)\b|(?:scale|score|criteria|index|classification|sign|test|procedure|maneuver|syndrome|disease|method|law|act|trial|study|curves?|regression|models?|estimat\w+|stain|forceps|catheter|retractor|llc|inc|ltd|corp|group|staffing|partners|associates|diagnostics|pharma\w*|research|medical|health|systems|solutions)\b)/,
  },
];

/** Within the words around the name. */
export const PRONOUN = /\b(?:he|she|his|her|him|hers|himself|herself|he's|she's|hes|shes)\b/;

/** Shorthand of notes about one patient. */
export const SHORTHAND =
  /(?<![a-z0-9])(?:c\/o|s\/p|h\/o|f\/u|y\/o|y\.o\.|[mf]\/\d\d|\d{1,3}[mf]|\d{1,3} ?yo|p\/w|d\/w|w\/d|n\/v|u&e|npo|nbm|prn|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|qhs|q\d{1,2}h|pod ?\d{1,2}|gtt|lvm|rtc|nkda|dnr|dnacpr|ama|loc|cga|nwb|wbat|ppm|hx|dx|pmh|hosp(?:ital)? no|spo2|gcs|uop|\d+x\/wk|x ?\d{1,2} ?[dwm]\b|\d{1,2}\/(?:7|12|52)\b|(?:bp|b\/p) ?\d{2,3}\/\d{2,3}|\d{2,3}\/\d{2,3}(?= |,|\.)|\d+(?:\.\d+)? ?(?:mg|mcg|mls?|meq|mmol|iu)\b|g\dp\d|\d\d\+\d|pt\b(?! (?:assistant|clinic|department))|hr \d{2,3}|temp \d{2,3}|t \d\d\.\d|wt|iddm|s\.l\.|stat|(?:ward|bed|bay) ?\d{1,3}[a-z]?|rm ?\d{1,3}|hosp|tds|nocte|bmi ?\d\d|(?:a1c|inr|h[gc]?b|hct|wbc|plts?|anc|scr|bun|trop(?:onin)?|lactate|tsh|bnp|crp|esr|bili|egfr|(?:lv)?ef|fio2)(?: of| is| was)? ?[:=<>]? ?\d+(?:\.\d+)?|(?:na\+?|k\+?|cr|mg|ca|ph) ?[:=]? ?(?:1[1-5]\d|\d\.\d{1,2})(?! ?(?:mg|%))|3[89]\.\d|bg ?\d+|sats? ?\d\d|rbs ?\d+|hr ?\d{2,3})(?![a-z0-9])/g;

/** Whoever is named so near is a pet, or its keeper. */
export const ANIMAL =
  /\b(?:vets?|veterinar\w+|animal (?:hospital|clinic)|canine|feline|equine|pupp(?:y|ies)|kittens?|spay(?:ed)?|neuter(?:ed)?|heartworm|heartgard|kennel cough|rabies and|dhpp|bordetella|litter box|dsh|(?:golden|labrador) retriever|labrador|beagle|poodle|terrier|dachshund|barn cat|your (?:dog|cat|pet|horse)|our (?:dog|cat|pet|horse)|hocks|tplo)\b/;

/** The person is one of a lesson. */
export const MADE_UP =
  /\b(?:simulation|scenario \d|board review|question \d|case of the (?:month|week)|teaching case|de-identified|vignette|learners|debrief|standardi[sz]ed patient|which of the following|what is the (?:most likely diagnosis|next step)\?\s{1,4}a(?=[).])|board question|flashcards?|mnemonic|playground patients?|sample letter|template)\b/;

/** The sort of text that speaks of patients in general, of studies, products, courses or work. */
export const GENERAL =
  /\b(?:patients|participants|residents|clinicians|providers|caregivers|employees|women|men|adults|children|people|everyone|cohort|randomi[sz]e\w*|placebo|hazard ratio|median|stud(?:y|ies)|trials?|protocol|guidelines?|recommendations?|journal|manuscript|abstracts?|reviewers?|symposium|webinars?|conference|congress|regist(?:er|ration)|rsvp|cme|credits?|speakers?|keynote|lecture|grand rounds|seminar|newsletter|unsubscribe|podcast|episode|awareness|fundrais\w+|donat\w+|raised|support group|learn more|tips?|ask your doctor|(?:talk|speak) (?:to|with) your doctor|prescribing information|side effects may|faq|quiz|flashcards|exams?|board review|teaching|simulation|scenario|template|policy|training|modules?|compliance|vendors?|quotes?|contracts?|budget|revenue|staffing|agenda|minutes|committee|downtime|upgrade|tickets?|vpn|password|parking|payroll|pto|interview|raffle|winners?|candidates?|hiring|research|institute|university|prof|professor|members|volunteers?|community|campaign|deadline|submission|poster|authors?|editor|sponsors?|conflict|survey|statistics|data|deaths|annual|per cent|nationwide|statewide|county|department of|free|join us|join|welcome|download|click|book club|story|stories|named after|devised|described by|history of medicine|case of the month|mnemonic|unit-based|all staff|team|colleagues|interns|students|course|class|workshop|sessions?|topics?|exhibit|lunch|pizza|dinner program|sandwiches|coffee|risks?|hazards?|outcomes?|regression|prediction|paper|vol|table \d|correction|erratum|page \d|second author|send your questions|tender|lots|procurement|award criteria|census|surge|asks:|column|thesis|dissertation|rotas?|rosters?|shifts|night shifts?|long day|annual leave|retir(?:es|ed|ing|ement)|vacanc\w+|applicants?|job application|job offer|background check|human resources|apply for|applied for the post|(?:the|this) post|appraisal|induction|starters?|locum|band \d|overtime|formulary|shortages?|recall(?:ed)?|in stock|out of stock|suppliers?|invoices?|shipped|pric(?:e|es|ing)|discount|demo|renewal|catalogue|brochures?|exhibition|bulletin|magazine|intranet|press release|bbc|journalists?|reporters?|spokes\w+|minister|trustees?|charit\w+|legacy|marathon|canteen|menu|kitchen|catering|permits?|bikes?|car park|seminar room|projector|zoom|teams link|apologies|action points|audits?|benchmark\w*|kpis?|q[1-4]|viva|examiners?|phd|msc|articles?|citation|preprint|journal club|chapter|novel|detective|choir|five-a-side|tournament|whip-round|farewell|funeral|obituary|porters?|ballot|steward|strike|grievance|hr|pension|laptop|printer|servers?|ehr|helpdesk|plumber|boiler|fire drill|contractors?|maintenance|sops?|guidance|leaflets?|wording|questionnaire|amendment|investigators?|cra|recruiting|inclusion|exclusion|visitors|schools|museum|whom it may concern about|years['’]? experience|experience (?:of|in|with)|pilot|open day|drop.?in|all welcome|refreshments|places left|certificate of attendance|exhibitors?|nurses|doctors|consultants|midwives|therapists|pharmacists|managers|surgeons|students|users|customers|deliver(?:y|ies)|purchase|mattress(?:es)?|catalog|install\w*|engineers?|fortbildung|hörsaal|dienstplan|kolleginnen|kollegen|anmeldung|bestell\w+|séminaire|réunion|amphithéâtre|commande|formation|factura|curso|docente|plazas|charla|guardia|salón de actos|compañeros|reunión)\b|\b(?:n|p) ?[=<>]|\bci\b|\d ?%/g;
