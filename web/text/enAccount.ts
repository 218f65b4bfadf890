/** Texts of the account page and of its receipts. The rules are those of web/text/en.ts. */
export const enAccount = {
  // Account

  /** Name of the account page. */
  'account.title': 'Account',
  /** Under the headline: the ledger is public. */
  'account.lead': 'The ledger is public. Anyone can read this page and check every receipt on it.',
  /** The path holds no valid address. reason = a whole sentence about what is wrong. */
  'account.badAddress': 'This is not a wallet address. {reason}',
  /** The relay could not be asked. reason = a whole sentence. */
  'account.failed': 'The account could not be read. {reason}',
  /** Button after such an error. */
  'account.retry': 'Try again',
  /** Figure: paid-out credits; shown only where a relay has paid some, which this version’s does not. */
  'account.paid': 'Paid out',
  /** What that figure means. */
  'account.paidWhy': 'What the operator of this relay has paid out.',
  /** Name of a figure with its unit. figure = the texts of earnings.pending, .escrow, .settled, account.paid. */
  'account.inCredits': '{figure} (credits)',
  /** Figure: verified tasks. */
  'account.completed': 'Tasks credited',
  /** Figure: rejected tasks. */
  'account.rejected': 'Tasks rejected',
  /** Figure: number of receipts. */
  'account.receiptCount': 'Receipts',
  /** Title of the list of receipts. */
  'account.receipts': 'Receipts',
  /** The account has none. */
  'account.noReceipts': 'This address has no receipts yet. The first one comes with the first task.',
  /** Filter: kind of task. */
  'filter.kind': 'Kind',
  /** Filter: verdict. */
  'filter.verdict': 'Verdict',
  /** Filter: calendar day. */
  'filter.day': 'Day',
  /** The first choice of every filter. */
  'filter.all': 'All',
  /** Nothing passes the filters. */
  'filter.none': 'No receipt among those loaded passes the filters.',
  /** How much of the list is shown. shown, loaded and total are counts. */
  'account.shown': '{shown} shown of {loaded} loaded, {total} in all',
  /** Button: the next page of receipts. */
  'account.more': 'Load older receipts',
  /** Button: saves all receipts that pass the filters as a file for spreadsheets. */
  'account.csv': 'Save as CSV',
  /** While the file is gathered. n = receipts read so far. */
  'account.csvBusy': 'Reading receipts: {n}',
  /** Name of the saved file. address is shortened to letters and digits. */
  'account.csvName': 'opentab-{address}.csv',

  // One receipt

  /** Title of one receipt. */
  'receipt.title': 'Receipt',
  /** Button that closes it. */
  'receipt.close': 'Close',
  /** The receipt is being read. */
  'receipt.reading': 'Reading the receipt.',
  /** The receipt is not in a published checkpoint yet. */
  'receipt.pending':
    'This receipt is signed and waits for the next checkpoint. It can be checked in a moment.',
  /** The receipt could not be read. reason = a whole sentence. */
  'receipt.failed': 'The receipt could not be read. {reason}',
  /** The receipt belongs to another address. */
  'receipt.other': 'This receipt belongs to another address.',
  /** Field of a receipt: its id. */
  'receipt.id': 'Receipt id',
  /** Field: when it was made. */
  'receipt.at': 'Time',
  /** Field: the log it stands in. */
  'receipt.relay': 'Log',
  /** Field: id of the task. */
  'receipt.task': 'Task',
  /** Field: kind of the task. */
  'receipt.kind': 'Kind',
  /** Field: hash of the model or kernel. */
  'receipt.subject': 'Model or kernel',
  /** Field: salted hash of the input. */
  'receipt.input': 'Input, salted hash',
  /** Field: salted hash of the output. */
  'receipt.output': 'Output, salted hash',
  /** Field: seed. */
  'receipt.seed': 'Seed',
  /** Field: device class. */
  'receipt.deviceClass': 'Device class',
  /** Field: exact or float lane. */
  'receipt.lane': 'Lane',
  /** The lane in which results are equal to the last bit. */
  'receipt.exact': 'exact: equal to the last bit on every device',
  /** The lane in which results agree within a tolerance. */
  'receipt.float': 'float: equal within a tolerance',
  /** Field: the verdict. */
  'receipt.verdict': 'Checked',
  /** A verdict with what it means; word and why are verdict texts. */
  'receipt.verdictWhy': '{word}: {why}',
  /** Field: operations. */
  'receipt.operations': 'Operations',
  /** Field: credit. */
  'receipt.credit': 'Credit',
  /** Field: the account. */
  'receipt.account': 'Address',
  /** Field: the previous receipt of the same address. */
  'receipt.previous': 'Receipt before this',
  /** There is no previous receipt. */
  'receipt.first': 'none, this is the first',
  /** Button: checks the proof on the spot. */
  'verify.button': 'Verify in this browser',
  /** While the check runs. */
  'verify.busy': 'Verifying',
  /** Before the check: what it does. */
  'verify.lead':
    'Checks the signature of the log and the path from this receipt to its signed root, here, without trusting this page’s figures.',
  /** Result: everything holds. */
  'verify.valid': 'Valid. This receipt stands in the signed log.',
  /** Result: something does not hold. */
  'verify.invalid': 'Not valid. Do not rely on this receipt.',
  /** A step that holds, read before the step’s words. */
  'verify.ok': 'Holds',
  /** A step that does not hold, read before the step’s words. */
  'verify.bad': 'Fails',
  /** First step: the key is the one this browser has known. since is a formatted day. */
  'verify.keyPinned': 'The log’s key is the one this browser has known since {since}.',
  /** First step, first time: the key is remembered from now on. */
  'verify.keyNew': 'The log’s key is new to this browser. It is remembered from now on.',
  /** First step fails: the relay shows another key than before. */
  'verify.keyChanged':
    'The relay shows another key than this browser has known since {since}. Ask the operator before you trust either.',
  /** Proof step: the log’s public key can be read. */
  'step.key': 'The key of the log',
  /** Proof step: the saved document is complete. */
  'step.document': 'The document',
  /** Proof step: the entry of the log can be read. */
  'step.entry': 'The entry of the log',
  /** Proof step: the entry is written in the one canonical way. */
  'step.canonical': 'The entry’s form',
  /** Proof step: entry and document carry the same id. */
  'step.id': 'The receipt’s id',
  /** Proof step: what people read equals what is proved. */
  'step.receipt': 'What you read above',
  /** Proof step: the proof can be read. */
  'step.proof': 'The proof',
  /** Proof step: the place of the entry in the log. */
  'step.index': 'The place in the log',
  /** Proof step: the hashes lead from the entry to the root of the log. */
  'step.inclusion': 'The path to the root',
  /** Proof step: the root is signed. */
  'step.signature': 'The signature',
  /** Proof step: all parts name the same log. */
  'step.origin': 'The log’s name',
  /** Proof step: the form of the receipt for Ethereum wallets. Keep EIP-712. */
  'step.eip712': 'The EIP-712 signature',
  /** Proof step that compares the key with the one seen before. */
  'step.pinned': 'The key you know',
  /** The browser cannot check Ed25519 signatures. */
  'verify.noEd25519':
    'This browser cannot check Ed25519 signatures. Update it, or use “opentab receipt verify” on the saved file.',
  /** Browsers offer cryptography only over HTTPS and on the same machine. */
  'verify.insecure':
    'This page came over plain HTTP, where browsers offer no cryptography. Open the relay by HTTPS.',
  /** The check could not be done. reason = a whole sentence. */
  'verify.failed': 'The check could not be done. {reason}',
  /** Link that saves the proof document. */
  'verify.save': 'Save the receipt file',
} as const
