/** Words for kinds of work and for verdicts, on every page that lists them. The rules are those of web/text/en.ts. */
export const enWork = {
  // Kinds of work

  /** Work: detection of text in a picture. Fits into “Working on …”. */
  'work.ocrDetect': 'text recognition, finding lines',
  /** Work: reading detected lines. Fits into “Working on …”. */
  'work.ocrRead': 'text recognition, reading lines',
  /** Work: finding out which way up lines are. Fits into “Working on …”. */
  'work.ocrTurn': 'text recognition, turning lines upright',
  /** Work: text recognition, step not known. Fits into “Working on …”. */
  'work.ocr': 'text recognition',
  /** Work: sentences become vectors. Fits into “Working on …”. */
  'work.embeddings': 'sentence embeddings',
  /** Work: integer matrix product. Fits into “Working on …”. */
  'work.matmulI8': 'an integer matrix product',
  /** Work: matrix product of fractions. Fits into “Working on …”. */
  'work.matmulF32': 'a matrix product',
  /** Work: another model. model = its name. Fits into “Working on …”. */
  'work.model': 'the model {model}',
  /** Work: a step of another model. model and step are names. Fits into “Working on …”. */
  'work.modelStep': 'the model {model}, step {step}',
  /** Work: a program that a developer sent. program = the first digits of its hash. Fits into “Working on …”. */
  'work.program': 'the program {program}',
  /** Task log, what kind of task. */
  'kind.infer': 'Model',
  /** Task log, what kind of task. */
  'kind.kernel': 'Kernel',
  /** Task log, what kind of task. */
  'kind.generate': 'Text',
  /** Task log, what kind of task. */
  'kind.stage': 'Stage',
  /** Kind of a task. */
  'kind.custom': 'Custom kernel',

  // How a result was checked: the word, and what it means

  /** Verdict: a fast probabilistic check named after its inventor. Keep the name. */
  'verdict.freivalds': 'Freivalds',
  /** What that verdict means. */
  'verdict.freivalds.why':
    'The relay multiplied the result with a secret vector. A wrong result does not pass.',
  /** Verdict: the relay computed the task again. */
  'verdict.recomputed': 'recomputed',
  /** What that verdict means. */
  'verdict.recomputed.why': 'The relay ran the task again itself and found the same.',
  /** Verdict: another tab computed the same. */
  'verdict.replica': 'two tabs agree',
  /** What that verdict means. */
  'verdict.replica.why': 'A tab of another account ran the same task and found the same.',
  /** Verdict: only a result that the sender gave along says that it is right. */
  'verdict.reference': 'as the sender says',
  /** What that verdict means. */
  'verdict.reference.why':
    'The result is what the sender’s own reference says. No other account found the same. It counts for no standing.',
  /** Verdict: the relay decided between two tabs. */
  'verdict.referee': 'judged',
  /** What that verdict means. */
  'verdict.referee.why': 'Two tabs disagreed; the relay ran the task itself and found this result right.',
  /** Verdict: generated text was scored. */
  'verdict.text-scored': 'text scored',
  /** What that verdict means. */
  'verdict.text-scored.why':
    'The relay read the text with the same model and found every token to be its pick.',
  /** Verdict: this task was not drawn for a check; it could have been. */
  'verdict.unsampled': 'not drawn',
  /** What that verdict means. */
  'verdict.unsampled.why': 'Checks are drawn by chance. This task could have been drawn and was not.',
  /** Verdict: nothing but another account's result could tell. */
  'verdict.unverified': 'not verified',
  /** Explains the verdict before. */
  'verdict.unverified.why':
    'No second account found the same, and it did not match a result that the sender gave. It earns nothing and counts for nothing.',
  /** Verdict: the result was wrong. */
  'verdict.rejected': 'rejected',
  /** What that verdict means. */
  'verdict.rejected.why': 'The result was checked and found wrong. It earns nothing.',
  /** In the log: the relay has not judged the task yet. */
  'verdict.pending': 'being checked',
  /** What that means. */
  'verdict.pending.why': 'The relay has the result and checks it.',
  /** In the log: the task failed on this device. */
  'verdict.failed': 'failed',
  /** What that means. */
  'verdict.failed.why': 'The task ended with an error here. The relay gives it to another tab.',
  /** In the log: the task was given back unfinished. */
  'verdict.handed-back': 'handed back',
  /** What that means. */
  'verdict.handed-back.why': 'The task went back to the relay untouched. It counts neither way.',
} as const
