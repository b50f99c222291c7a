/** Kinds of streets, spelled out and abbreviated. Source: USPS Publication 28, appendix C1. */

/** Words that make a street of the words before them. */
export const STREET =
  '(?:street|avenue|road|lane|drive|court|boulevard|way|place|terrace|circle|parkway|highway|square|trail|alley|crescent|expressway|freeway|turnpike|causeway|st|str|ave|av|rd|ln|dr|ct|blvd|pl|ter|terr|cir|pkwy|pky|hwy|sq|trl|cres|expy|fwy|tpke|cswy)';

/** Words that do so only where a town or a label is beside them. */
export const LESSER_STREET =
  '(?:pike|plaza|plz|loop|cove|cv|run|ridge|rdg|path|pass|walk|row|bend|bluff|branch|bridge|brook|canyon|center|commons|corner|creek|crossing|xing|crest|estates?|fall|falls|field|fields|ford|forest|fork|forks|garden|gardens|gateway|glen|green|grove|harbor|haven|heights|hts|hill|hills|hollow|island|isle|junction|knoll|knolls|lake|landing|lndg|manor|meadow|meadows|mill|mills|mount|mountain|oval|orchard|park|parks|pine|pines|point|pt|prairie|ranch|rapids|river|shore|shores|spring|springs|spur|station|stream|summit|trace|track|vale|valley|view|village|ville|vista|woods|wood|broadway|bowery)';

/** Streets that are named by a number: "State Route 7", "Highway 61", "County Road 12". */
export const NUMBERED_STREET =
  '(?:(?:State|County|Farm|Ranch|US|U\\.S\\.|Old|FM|CR|SR)[ ](?:Route|Road|Rd|Highway|Hwy|Trunk|to[ ]Market)|Route|Rte|Highway|Hwy)[ ][0-9]{1,4}';

/** What is behind the street: a flat, a floor. Source: USPS Publication 28, appendix C2. */
export const UNIT =
  '(?:apt|apartment|unit|suite|ste|floor|fl|room|rm|bldg|building|lot|trailer|trlr|dept|ph|penthouse|#)\\.? {0,2}#? {0,2}[A-Za-z0-9-]{1,6}';
