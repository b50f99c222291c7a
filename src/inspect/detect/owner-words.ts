/** The words, by kinds, of which one stands before a value where the words there make it a patient's (`patient-cue.ts`). */
export const OWNER_WORDS = {
  patient:
    'patient patients pt pts paciente patientin patiente paziente mother father parent daughter son wife husband spouse',
  age: 'year years yr yrs month months week weeks day days y yo o',
  record:
    'referral referred referring chart record records file result results lab labs appointment authorization ' +
    'authorisation auth prescription rx refill visit report scan biopsy x xray ray mri ct claim case summary admission ' +
    'evaluation consult consultation note letter treatment surgery therapy medication medications discharge care',
  pronoun: 'he she her his him baby child infant resident beneficiary insured subscriber decedent',
  verb:
    'admitted admitting treated treating saw examined diagnosed discharged discharging operated intubated named similar ' +
    'like',
} as const;
