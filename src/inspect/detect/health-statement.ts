/**
 * The words by which a sentence says something about one person's health: used where a text names somebody without
 * saying "patient". All of them read small windows in lower case.
 */

/** Words that may stand between a predicate and the health word: "has *a history of severe* asthma". */
const FILLER =
  '(?:(?:an?|the|his|her|their|no|some|another|first|second|third|last|next|new|known|severe|mild|moderate|chronic|acute|advanced|metastatic|recurrent|confirmed|suspected|untreated|late|early|end|stage|type|grade|left|right|bilateral|high|low|daily|weekly|oral|more|again|now|also|still|currently|newly|clinically|very|[0-9iv]{1,4}[a-c]?|(?:dose|course|history|case|diagnosis|symptoms|signs|round|cycle|rounds|cycles|refill|lots?) of|treatment (?:for|with))[ -]){0,5}';
const ADVERB =
  '(?:(?:now|also|still|currently|recently|newly|just|first|never|not|no longer|already|finally|both|all) ){0,2}';
const AUXILIARY =
  '(?:(?:is|was|are|were|gets?|got|will be|remains|has been|had been|is being|was being|needs to be) )?';
/** "was diagnosed with", "is being treated for", "started on". */
const PARTICIPLES =
  '(?:diagnosed (?:[a-z]+ ){0,3}(?:with|as)|treated (?:[a-z]+ ){0,2}(?:for|with)|admitted (?:[a-z]+ ){0,4}(?:for|with)|hospitali[sz]ed (?:[a-z]+ ){0,2}(?:for|with)|seen (?:[a-z]+ ){0,2}for|started (?:[a-z]+ )?on|put on|placed on|kept on|maintained on|switched to|prescribed|infected with|tested (?:[a-z]+ )?for|screened for|evaluated for|referred for|scheduled for|booked for|vaccinated against|allergic to|addicted to|dependent on|recovering from|suffering from|undergoing|taking|receiving|on|in remission from|dying of|(?:out|off|away|home) (?:sick )?(?:for|with)|(?:taken|brought|rushed|transferred|went) to [a-z ]{2,30} (?:for|with|after)|(?:found|known|thought|believed) to have|positive for|negative for)';
const VERBS =
  '(?:has|had|have|developed|contracted|underwent|undergoes|takes|took|(?:tested|tests) (?:positive|negative) for|suffers?(?: from)?|suffered(?: from)?|complain(?:s|ed) of|present(?:s|ed) with|came in with|died (?:of|from)|passed away from|needs|needed|wants|wanted|requires|received|(?:will |is going to |is about to |is to )?(?:starts?|begins?)|starting|started|began|carries|stopped(?: taking)?|discontinued|refused|declined|responded to|relapsed (?:with|on|into)|overdosed on|lives with|living with|survived|wears|uses|caught|gets|got|ended up with|woke(?: up)? with|finished|completed|is having|keeps having|fought|(?:is )?fighting|(?:is )?battling|battled|beat|shows|showed|meets (?:the )?criteria for|met (?:the )?criteria for|passed|carried)';

/** Ends at the health word that it predicates of its subject. */
const PREDICATE = new RegExp(
  `(?:^|[\\s,);:-])(?:${ADVERB}(?:${AUXILIARY}${ADVERB}${PARTICIPLES}|${VERBS}) ${FILLER}|(?:is|was|remains|became|has become) ${ADVERB}${FILLER})$`,
);
/** "Jane Roe's chemotherapy", "Jane Roe, for her colonoscopy". */
const POSSESSIVE = new RegExp(`^'s ${FILLER}$|\\b(?:his|her) ${FILLER}$`);
/** Leads to what something was done or is so for: "is asking for her", "withdrew because of", "from the ward with". */
const CAUSE = new RegExp(
  `[ ,](?:for|with|after|before|because of|due to|owing to|following|since|despite|regarding|while on) ${FILLER}$`,
);
/** The next sentence goes on about the same person. */
const PRONOUN = /^[^.!?;]{0,120}[.!?;]\s{1,2}(?:he|she)(?= )/;

/** Health words that only tell what a job, a meeting or a thing is about. */
const OF_A_TOPIC =
  /^(?:['’]s)?[ -]((?:[a-z]+ ){0,2}?)(?:educators?|nurses?|technicians?|technologists?|specialists?|coordinators?|consultants?|experts?|research(?:ers?)?|programs?|programmes?|clinics?|units?|teams?|departments?|division|services|committees?|groups?|conferences?|webinars?|workshops?|campaigns?|awareness|foundations?|associations?|society|advocates?|courses?|trainings?|stud(?:y|ies)|trials?|guidelines?|newsletters?|brochures?|articles?|policy|policies|formulary|budgets?|shipments?|orders?|suppl(?:y|ies)|inventory|invoices?|kits?|machines?|scanners?|devices?|contracts?|controls?|samples?|rates?|data|statistics|walk|fundraisers?|speakers?|talks?|lectures?|presentations?|leads?|managers?|directors?|sales|rep|products?|market|vendors?|project|registry|network|volumes?|quotas?|capacity|backlogs?|vans?|laborator(?:y|ies)|leaflets?|programmers?|lists? of staff|congress|symposium|center|centre|wing|ward|meetings?|huddles?|audits?|rounds?|boards?|modules?|forum|networks?|pathways?|strategy|bundles?|champions?|library|teaching|induction|e-?learning|posters?|chairs?|awards?|prizes?|charity|guidance|specialit(?:y|ies)|post|posts|rota|rotas|students?|gym|stores?|cupboard|corridor|offices?|desk|reception|entrance|bus|fair|quiz|chapters?|books?|drugs trolley|car park|carts?|pagers?|expo|codes|coding|equipment|machine|fund|appeal fund)\b/;

/** None of these stands between a word and what is named by it: "is under control", "before my class". */
const PREDICATES =
  /\b(?:is|was|are|were|be|been|am|has|had|have|having|he|she|it|they|we|i|you|who|that|which|so|but|because|since|after|before|when|while|until|if|as|in|on|at|to|from|with|by|under|over|of|into|my|his|her|their|our|your|please|needs?|takes?|wants?|got|gets?|this|these|can|will|would|should|may|not|no|about|again|today|tomorrow|last|next|now|came|went|the|an?|all|too|makes?|made|says|said)\b/;

/** The health word only tells what a job, an occasion or goods are about. */
export function isTopic(after: string): boolean {
  const match = OF_A_TOPIC.exec(after);
  return match !== null && (match[1] === '' || !PREDICATES.test(match[1] ?? ''));
}

/** "an appointment at the HIV clinic", "come to our asthma clinic": the department is where somebody is seen. */
const SEEN_AT =
  /\b(?:come|came|coming|back|returns?|appointment|appt|visits?|seen|see you|attends?|attended|expected|booked|scheduled|referred|discharged|moved|transferred|admitted|waiting|followed|on the list)(?: (?:him|her|you))? (?:(?:to|at|in|with|for|into|by|from|on) )?(?:the|our|your|his|her) $/;
const DEPARTMENT =
  /^[ -](?:clinics?|units?|ward|wing|cent(?:er|re)|service|program(?:me)?|team|group|class)\b/;

/** The word names the department where somebody is seen: it says of which kind his care is. */
export function isSeenAt(before: string, after: string): boolean {
  return DEPARTMENT.test(after) && SEEN_AT.test(before);
}

/**
 * Leads to what many have, or what something is about: "patients with", "a lecture on heart failure and". Nothing that is also
 * said of one person's care: "a course of", "the program for", "spoke with her about", "is fighting".
 */
const LEADS_TO_TOPIC = new RegExp(
  '\\b(?:' +
    '(?:patients|people|adults|children|women|men|veterans|individuals|those|anyone|everyone|families|survivors) (?:of |who (?:have|live with|suffer from) |living with |diagnosed with |suffering from |affected by |with )' +
    '|(?:lectures?|(?:a|the|your|our|this|lunch) talk|articles?|papers?|posters?|books?|chapters?|seminars?|webinars?|workshops?|lessons?|symposium|conference|literature|found these) (?:on|about) ' +
    "|(?:guidelines? (?:on|for)|research (?:on|into)|(?:walk|run|ride|fundraiser) (?:for|against)|position in|years[’']? (?:of )?experience (?:in|with|of)|thank you for fighting|fight against|help(?:s|ed)? (?:[a-z]+ ){1,5}?(?:reduce|prevent|cut)(?: readmissions for)?) " +
    '|(?:learned|taught)(?: (?:a lot|lots|much|more|everyone|us|(?:the|our) (?:[a-z]+ )?(?:unit|team|class|staff|residents|nurses|students)))? about ' +
    ")(?:[a-z0-9’'-]+ (?:[a-z0-9’'-]+ )?(?:and|or|versus) |(?!(?:him|her|his|my|your|their)\\b)[a-z0-9’'-]+ ){0,2}$",
);

/** The health word is what many have, or what an occasion, a text or work is about: nobody's own. `before` ends at it. */
export function isOfNobody(before: string): boolean {
  return LEADS_TO_TOPIC.test(before);
}

/** Another sentence begins in between, and not one that goes on about the same person. */
export function leavesTheSentence(between: string): boolean {
  return /[.!?;]\s/.test(between) && !/[.!?;]\s+(?:he|she)\s/i.test(between);
}

/** True where `between` (lower case) leads from a person to the health word by a predicate. */
export function isPredicated(between: string, after: string): boolean {
  if (leavesTheSentence(between)) return false;
  if (isTopic(after)) return false;
  const clause = between.replace(/\s+/g, ' ').replace(PRONOUN, '');
  if (/[.!?;] /.test(clause)) return false;
  if (POSSESSIVE.test(clause)) return true;
  const match = PREDICATE.exec(clause);
  return match !== null && isAside(clause.slice(0, match.index));
}

/** True where `between` (lower case) leads from a person to the health word for which something is done, in one clause. */
export function isCause(between: string): boolean {
  return !/[.!?;:\n]/.test(between) && !OF_OTHERS.test(between) && CAUSE.test(between);
}

/** The care is that of others, or what somebody works on. */
const OF_OTHERS =
  /\b(?:responsible|award|grant|prize|walk(?:s|ing)?|runs?|running|rides?|cycl(?:es|ing)|support|raised?|budget|advocate|contact|works?|working|cover(?:s|ing)?|alternatives|questions|patients|people|our new|the new|visits?|talks?|here|available|thanks?|leads?|manages?|recruits|posts?|positions?|candidates?)\b/;

/** Nothing, words set apart by commas or parentheses, or a clause before: ", who lives in Boston,", "fell and". */
function isAside(words: string): boolean {
  const inner = words.trim();
  return (
    /^[^a-z0-9]*$/.test(inner) ||
    /^[,(-].{0,120}[,)-]$/.test(inner) ||
    /^(?:.{0,120}[ ,])?(?:who|that|and|but|he|she)$/.test(inner)
  );
}

/** "The test for Jane Roe is positive": between the health word and the name, and what follows the name. */
export function isOutcomeFor(between: string, after: string): boolean {
  return (
    /^ ?(?:(?:tests?|results?|report|scan|screen(?:ing)?) )?(?:for|of|on|from|in) (?:(?:mr|mrs|ms|miss)\.? )?$/.test(
      between,
    ) &&
    /^[ ,]{0,2}(?:(?:is|was|are|were|came back|has come back|shows?)\b[ :]{0,2}|[:=-]{1,2} ?)(?:[a-z]+ )?(?:positive|negative|(?:non-?)?reactive|abnormal|elevated|malignant|benign)\b/.test(
      after,
    )
  );
}

const OUTCOME =
  /^[ :=,-]{0,3}(?:(?:tests?|results?|status|screen(?:ing)?|antibod(?:y|ies)|was|is|are|were|came back|(?:also|again))[ :=,-]{1,3}){0,4}(?:stage [0-9iv]|positive|negative|(?:non-?)?reactive|abnormal|detected|confirmed|elevated|inconclusive|malignant|benign|shows?|showed|confirms?|reveal(?:s|ed))\b/;
/** A form's own word for what follows: "Diagnosis: …". */
const LABELLED =
  /(?:^|[\n,;|(\t/])[ \t]*(?:[a-z]+ ){0,2}(?:diagnos[ei]s|dx|conditions?|medications?|meds|rx|prescriptions?|allerg(?:y|ies)|procedures?|surgery|reason(?: for (?:visit|referral|call))?|(?:chief )?complaint|problems?|indication|treatment|results?|history|hx|exposure|injury|injuries|symptoms?|disability|restrictions?|limitations?)(?:[ \t]{0,2}[._]{3,24}[ \t][^\n;.]{0,40}|[ \t.]{0,12}[:=-][^\n;.]{0,40}|[ \t.]{0,12}[:=-]?[ \t]{0,4}\n[^\n;.]{0,40})$/;
const TOLD =
  /\b(?:diagnos(?:is|ed)|dx|tested|started|prescribed|rx|refills?|taking|takes|underwent|admitted|treated|suffers|allergic|positive|abnormal|results? (?:of|for|from)|re|regarding|appointment for|scheduled for|here for|seen for|show(?:s|ed)|reveal(?:s|ed)|confirm(?:s|ed))\b:?[^.;\n]{0,24}$/;
const ARRANGED =
  /^[ :,-]{1,3}(?:is |was |has been )?(?:scheduled|booked|rescheduled|appointment|refill|results?)\b/;

/** "HIV test result positive", "biopsy came back abnormal". */
export function hasOutcome(after: string): boolean {
  return !isTopic(after) && OUTCOME.test(after);
}

export function isLabelled(before: string): boolean {
  return LABELLED.test(before);
}

/** The words around a health word say that it was found, prescribed or done, and don't just mention it. */
export function isTold(before: string, after: string): boolean {
  return (
    !isTopic(after) && (hasOutcome(after) || ARRANGED.test(after) || isLabelled(before) || TOLD.test(before))
  );
}

/** Words that make a name with a telephone number a person to turn to, or an occasion, or goods: nobody's health. */
const CONTACT_PERSON =
  /\b(?:your|yours|questions?|information|info|details|rsvp|regist(?:er|ration)|sign up|join|interested|hotline|work ?shops?|webinars?|seminars?|conferences?|newsletters?|training|class(?:es)?|programs?|programmes?|support group|research|stud(?:y|ies)|trials?|committee|sponsors?|donat\w+|fundrais\w+|grant|budget|invoices?|orders?|ship(?:ped|ment|ments|ping)?|tracking|vendors?|sales|marketing|press|media|articles?|authors?|title|posters?|abstracts?|journal|published|brochures?|guidelines|speakers?|present(?:ation|ed|s)|lectures?|talks?|hiring|positions?|candidates?|apply|volunteers?|patients|kits?|supplies|contract|people|everyone|anyone|committee|campaign|awareness|walk)\b/;

export function isContactPerson(sentences: string): boolean {
  return CONTACT_PERSON.test(sentences);
}
