/**
 * Every text of the lab, in English: a catalogue of its own, because no other page fetches it. The rules are those of
 * web/text/en.ts. More words with one meaning: kernel, program, pass, buffer, run.
 */
export const enLab = {
  /** Title of the page. */
  'lab.title': 'Kernel lab',
  /** Under the title, on the first visit: what to try. The kernel that stands in the editor leaves out the last elements. */
  'lab.first':
    'This kernel runs and is wrong at the end of its output. Look at the first mismatch, then at how many workgroups the dispatch starts.',
  /** Button that runs the kernel. */
  'lab.run': 'Run',
  /** Beside that button: the keys that press it. */
  'lab.keys': 'Ctrl + Enter',
  /** Checkbox: every change runs the kernel by itself. */
  'lab.auto': 'Run as you type',
  /** While a run is under way. */
  'lab.running': 'Running',
  /** Label of the list of kernels that can be opened. */
  'lab.template': 'Open a kernel',
  /** First entry of that list: choose one. */
  'lab.templateNone': 'Choose from the library',
  /** Accessible name of the editor. name = the program. */
  'lab.editor': 'Program {name}',
  /** Read with the editor's name. */
  'lab.editorHint': 'Control and Enter run the kernel. To leave the editor, press Control and M, then Tab.',
  /** Accessible name of the list of programs over the editor. */
  'lab.programs': 'Programs',

  // Messages of the compiler

  /** Title over the compiler's messages. */
  'messages.title': 'Messages',
  /** No message at all. */
  'messages.none': 'The compiler has nothing to say.',
  /** Before the first run. */
  'messages.waiting': 'Not compiled yet.',
  /** A message that points at a place. line, column = numbers from 1. */
  'messages.at': 'Line {line}, column {column}',
  /** Heading of the messages that point nowhere. */
  'messages.nowhere': 'Without a place',
  /** Kind of a message. type = error, warning or info. */
  'messages.type': '{type, select, error {Error} warning {Warning} other {Note}}',

  // Result

  /** Title of the card with the verdict. */
  'result.title': 'Result',
  /** No run yet. */
  'result.none': 'No result yet.',
  /** The program does not compile. */
  'result.broken': 'Not run: the program does not compile.',
  /** The description has faults. */
  'result.faults': 'Not run: the description has a fault.',
  /** The result belongs to an older version. */
  'result.stale': 'The kernel has changed since.',
  /** Every element is right. n = number of elements. */
  'result.right': 'Right: {n, plural, one {the only element} other {all # elements}}',
  /** Some are wrong. wrong, n = numbers of elements. */
  'result.wrong': 'Wrong: {wrong} of {n} elements',
  /** Nothing to compare with. */
  'result.unchecked': 'Not compared with anything. Choose what is right under Reference.',
  /** The reference failed. reason = its own words. */
  'result.noReference': 'The reference gave no result: {reason}',
  /** How long it took. time = formatted, with its unit. */
  'result.took': 'From change to verdict: {time}',
  /** Name of a figure: the largest distance. */
  'result.maxUlp': 'Largest distance',
  /** Name of a figure: the mean distance. */
  'result.meanUlp': 'Mean distance',
  /** Value of such a figure. ulp = formatted number. */
  'result.ulp': '{ulp} ULP',
  /** Value of such a figure for integers. n = formatted number. */
  'result.units': '{n}',
  /** Value of such a figure where a NaN stands in one and not in the other. */
  'result.infinite': 'not comparable',
  /** The first wrong element. output = name, at = its coordinates, got and expected = numbers. */
  'result.first': '{output}[{at}] is {got} and must be {expected}.',
  /** Its place in memory. index = number. */
  'result.index': 'Element {index} in memory.',
  /** Title over the map of distances. output = name. */
  'result.heat': 'Distance over {output}',
  /** Said of that map. rows, columns = cells; wrongCells = cells with a distance. */
  'result.heatLabel':
    '{rows} × {columns} cells, {wrongCells, plural, =0 {none} other {#}} with a distance. The table has the figures.',
  /** Opens the table behind the map. */
  'result.heatTable': 'Cells with a distance',
  /** Heading in that table. */
  'result.heatRow': 'Rows',
  /** Heading in that table. */
  'result.heatColumn': 'Columns',
  /** Heading in that table. */
  'result.heatValue': 'Largest distance',
  /** Under that table: more rows than are shown. n = number. */
  'result.heatMore': '{n, plural, one {# more cell} other {# more cells}}',
  /** Opens the values of a buffer. output = name. */
  'result.values': 'First values of {output}',
  /** What went wrong past the compiler. step = where. */
  'trouble.step':
    '{step, select, device {The device refused.} buffer {A buffer could not be made.} pipeline {The pipeline was refused.} bindings {The bindings were refused.} dispatch {The dispatch was refused.} other {The result could not be read.}}',
  /** Which pass. n = its number from 1. */
  'trouble.pass': 'Pass {n}.',
  /** Which buffer. name = its name. */
  'trouble.buffer': 'Buffer {name}.',
  /** Link to the line that caused it. line = number. */
  'trouble.line': 'Go to line {line}',
  /** A kernel took too long. seconds = number. */
  'result.hung':
    'Ended after {seconds} s without an answer. The kernel’s worker was closed and the page goes on. Look for a loop without an end, or ask for less work, then press Run.',
  /** The device was lost. words = the browser's own. */
  'result.lost':
    'The graphics driver gave up on this kernel: {words}. Change it before you press Run: after two losses within two minutes the browser refuses every page the GPU.',
  /** Anything else. message = a sentence. */
  'result.failed': 'No result: {message}',

  // The description beside the program

  /** Title of the card that describes the kernel. */
  'setup.title': 'Description',
  /** Heading: numbers that expressions name. */
  'setup.numbers': 'Numbers',
  /** Under that heading. functions = names of functions. */
  'setup.numbersHint':
    'Shapes, dispatch, overrides and uniforms may be expressions over them: m * k, ceilDiv(n, 64). Also {functions}.',
  /** Field: name of a number to add. */
  'setup.newNumber': 'New number',
  /** Button: adds that number. */
  'setup.addNumber': 'Add',
  /** Button: removes a number. name = its name. */
  'setup.removeNumber': 'Remove {name}',
  /** Field: the number from which random buffers are made. */
  'setup.seed': 'Seed',
  /** Heading: buffers. */
  'setup.buffers': 'Buffers',
  /** The program declares no buffer. */
  'setup.noBuffers': 'The program binds no buffer yet.',
  /** Field of a buffer. name = the buffer. */
  'setup.datatype': 'Datatype of {name}',
  /** Field of a buffer. name = the buffer. */
  'setup.shape': 'Shape of {name}',
  /** Field of a buffer. name = the buffer. */
  'setup.role': 'Role of {name}',
  /** Roles. role = input, output or scratch. */
  'setup.roleName': '{role, select, input {input} output {output} other {scratch}}',
  /** Field of a buffer. name = the buffer. */
  'setup.fill': 'Content of {name}',
  /** Contents. kind = one of them. */
  'setup.fillName':
    '{kind, select, random {seeded random} ramp {0, 1, 2, …} zeros {zeros} library {as the library’s tests} other {a file}}',
  /** Field: least value of a random buffer. name = the buffer. */
  'setup.low': 'From, of {name}',
  /** Field: value under which a random buffer stays. name = the buffer. */
  'setup.high': 'Below, of {name}',
  /** In those fields while they are empty. */
  'setup.whole': 'whole range',
  /** Column headings over the fields of the buffers. */
  'setup.columnName': 'Name',
  /** Column heading. */
  'setup.columnDatatype': 'Datatype',
  /** Column heading. */
  'setup.columnShape': 'Shape',
  /** Column heading. */
  'setup.columnRole': 'Role',
  /** Column heading. */
  'setup.columnFill': 'Content',
  /** Field: a file. name = the buffer. */
  'setup.file': 'File for {name}',
  /** A file that is in use. name = its name. */
  'setup.fileName': '{name}',
  /** Heading: the only pass. */
  'setup.pass': 'Dispatch',
  /** Heading of one of several passes. n = number from 1, entry = entry point. */
  'setup.passOf': 'Pass {n}: {entry}',
  /** Field: entry point. */
  'setup.entry': 'Entry point',
  /** Field: workgroups along an axis. axis = x, y or z. */
  'setup.dispatch': 'Workgroups, {axis}',
  /** Beside those fields. size = as it is written in the program. */
  'setup.workgroupSize': 'Workgroup size: {size}',
  /** Beside them: what the expressions give. groups = x × y × z. */
  'setup.groups': '{groups} workgroups',
  /** Field: an override constant. name = its name. */
  'setup.override': 'Override {name}',
  /** In that field while it is empty. value = as it is written in the program. */
  'setup.overrideInitial': '{value}',
  /** Field: a uniform. name = variable and field. */
  'setup.uniform': 'Uniform {name}',
  /** Heading: what is right. */
  'setup.reference': 'Reference',
  /** Field: kind of reference. */
  'setup.check': 'What is right',
  /** Kinds of reference. kind = one of them. */
  'setup.checkName':
    '{kind, select, none {nothing to compare with} library {a kernel of the library} expression {a JavaScript expression} other {a .npy file}}',
  /** Field: the kernel of the library. */
  'setup.checkKernel': 'Kernel of the library',
  /** Field: the expression. output = the output that it gives. */
  'setup.checkExpression': 'Element i of {output}',
  /** Under that field. */
  'setup.checkHint':
    'It sees inputs and numbers by name, i and at, the element’s coordinates. It may also give the whole array. It runs in a worker without network.',
  /** Field: the .npy file. */
  'setup.checkFile': 'Array file (.npy)',
  /** Field: how far a float may be off. */
  'setup.tolerance': 'Allowed distance, ULP',
  /** Field: operations of one run. */
  'setup.operations': 'Operations of a run',
} satisfies Record<string, string>

export type LabTextKey = keyof typeof enLab
