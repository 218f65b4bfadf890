/**
 * Every text of the lab, in English: a catalogue of its own, because no other page fetches it. The rules are those of
 * web/text/en.ts. More words with one meaning: kernel, program, pass, buffer, run.
 */
export const enLab = {
  /** Title of the page. */
  'lab.title': 'Kernel lab',
  /** Under the verdict, on the first visit: what to try. The kernel that stands in the editor leaves out the last elements. */
  'lab.first':
    'This kernel runs and is wrong at the end of its output. Look at the first mismatch, then at how many workgroups the dispatch starts.',
  /** Heard before the name of the kernel that is open. */
  'lab.name': 'Open is',
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
  'lab.templateNone': 'Open a kernel of the library',
  /** Accessible name of the editor. name = the program. */
  'lab.editor': 'Program {name}',
  /** Read with the editor's name. */
  'lab.editorHint': 'Control and Enter run the kernel. To leave the editor, press Escape, then Tab.',
  /** Under the editor: the keys that surprise. */
  'lab.editorKeys': 'Tab indents. Escape, then Tab leaves the editor.',
  /** Accessible name of the list of programs over the editor. */
  'lab.programs': 'Programs',

  /** Button: copies a link with the whole session. */
  'lab.share': 'Copy link',
  /** The link was copied. */
  'lab.shared': 'Copied. The link holds program, description and small files; no server keeps it.',
  /** The link stands in the address bar, because the browser forbade copying. */
  'lab.sharedHere': 'The link is in the address bar.',
  /** Button: saves a job file and its program. */
  'lab.export': 'Export',
  /** Button: opens files. */
  'lab.import': 'Import',
  /** A kernel of several passes was exported. file = name of the file. */
  'lab.exportedSession':
    'Saved as {file}, for the lab alone: a job has one pass, so opentab kernel run and the fleet cannot take this kernel.',
  /** A job file was exported. file, program = names of the two files. */
  'lab.exported':
    'Saved as {file} and {program}, with the numbers that expressions come to; a link keeps the expressions.',
  /** There is nothing to export or to send while something is wrong. */
  'lab.hasFault': 'The description has a fault. It stands under Result.',
  /** Something was asked of a kernel that came by a link or a file before it was run. */
  'lab.pressRun': 'Press Run first: this kernel came by a link or a file, and nothing of it has run.',
  /** A job has to give something back. */
  'lab.noOutput': 'No buffer that the program binds has the role output.',
  /** The session is too large or too odd for a link. */
  'lab.notShareable':
    'This session does not fit a link: its files, names or expressions are too long. Export it.',
  /** Files could not be opened. */
  'lab.importNothing': 'This is no kernel. Drop a .wgsl, a .kernel.json with its .wgsl, or a .lab.json.',
  /** A file is broken. file = its name. */
  'lab.importNoJson': '{file} is no JSON.',
  /** A job file came without its program. file = its name, program = name of the program. */
  'lab.importNoProgram': '{file} needs its program. Drop it together with {program}.',
  /** A file is JSON, but no job file. file = its name, place = path of the first field that is wrong. */
  'lab.importNoJob': '{file} is neither a job file nor a session of the lab. Look at {place}.',
  /** A number of a job file does not fit its buffer. file, name = of the job file and the input, index = of the element from 0, value = the number, datatype = the buffer's. */
  'lab.importNoNumber':
    '{file}: element {index} of {name} is {value}, which {datatype} does not hold. Past 2^53 write a whole number as text: "9007199254740993".',
  /** A job file takes its input from elsewhere. file, name = of the job file and the input. */
  'lab.importNoInput':
    '{file} takes the input {name} from a file or a blob that is not here. Drop that file with it.',
  /** A link could not be read. */
  'lab.badLink':
    'This link cannot be read, so it opened nothing. Perhaps it was cut: copy the whole of it, or ask its author for the exported files.',
  /** Button: opens what was open before, with its changes. name = its name. */
  'lab.back': 'Back to {name}',
  /** Button beside the list of kernels: opens the chosen one. */
  'lab.open': 'Open',
  /** Button: opens the first kernel again. */
  'lab.reset': 'New',
  /** The lab follows a file of this machine. name = its name. */
  'lab.following': 'Follows {name}: every save runs it.',

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
  /** A place of which only the line is known. line = number from 1. */
  'messages.line': 'Line {line}',
  /** Kind of a message. type = error, warning or info. */
  'messages.type': '{type, select, error {Error} warning {Warning} other {Note}}',

  // Result

  /** Title of the card with the verdict. */
  'result.title': 'Result',
  /** No run yet. */
  'result.none': 'No result yet.',
  /** The first run of a version is under way. */
  'result.running': 'No result yet. A run that takes too long is ended.',
  /** In place of a result: the kernel came by a link or a file, and the person has not pressed Run. */
  'result.held':
    'Not run: this kernel came by a link or a file. Look at its program and its reference, then press Run. From then on it runs as you type.',
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
  /** Under the verdict: floats of a kernel of the library are judged by a bound that its test derives. */
  'result.bound': 'Within the bound that the library’s test of this kernel allows.',
  /** No buffer has the role of an output. */
  'result.noOutput': 'It ran. No buffer that it binds has the role output, so nothing is read back.',
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
  /** Under that map. rows × columns = n elements of each cell. */
  'result.heatScale':
    '{n, plural, one {One element a cell} other {{rows} × {columns} elements a cell}}, row by row; the stronger, the further off.',
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
    'Ended after {seconds} s without an answer. The kernel’s worker was closed and the page goes on. Look for a loop without an end, or ask for less work, then press Run. Until then no change runs by itself.',
  /** A run was asked for while the device is busy with a kernel whose worker was closed. */
  'result.waiting':
    'Waiting for the GPU, which is still busy with the kernel that was ended. This run begins when it answers.',
  /** That took too long. seconds = number. */
  'result.stillBusy':
    'The GPU has not answered for {seconds} s: it is still busy with the kernel that was ended. Copy the link or export, close every window of this browser, and open the link again.',
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
    '{kind, select, random {seeded random} ramp {0, 1, 2, …} zeros {zeros} library {of the library} other {a file}}',
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
  /** Field: a uniform. name = variable and field, type = as WGSL calls it. */
  'setup.uniform': 'Uniform {name}, {type}',
  /** Heading: what is right. */
  'setup.reference': 'Reference',
  /** Under the overrides: values without a declaration. names = list of names. */
  'setup.unusedOverrides': 'The program declares no override {names}: the value is not used.',
  /** Field: kind of reference. */
  'setup.check': 'What is right',
  /** Kinds of reference. kind = one of them. */
  'setup.checkName':
    '{kind, select, none {nothing to compare with} library {a kernel of the library} expression {a TypeScript expression} other {a .npy file}}',
  /** Field: the kernel of the library. */
  'setup.checkKernel': 'Kernel of the library',
  /** Field: the expression. output = the output that it gives. */
  'setup.checkExpression': 'Element i of {output}',
  /** Under that field. */
  'setup.checkHint':
    'It sees inputs and numbers by name, i and at, the element’s coordinates. It may also give the whole array. Types are left out, not checked. It runs by itself, without storage, network and GPU.',
  /** After that, where a buffer has 64-bit integers. */
  'setup.checkHintWide': 'Elements of INT64 and UINT64 are bigint: 2n * x[i].',
  /** Field: the .npy file. */
  'setup.checkFile': 'Array file (.npy)',
  /** Field: how far a float may be off. */
  'setup.tolerance': 'Allowed distance, ULP',
  /** Field: operations of one run. */
  'setup.operations': 'Operations of a run',

  // What is wrong with the description. Each stands behind the name of its field.

  /** A field with what is wrong with it. field = its name, text = one of the sentences that follow. */
  'fault.ofField': '{field}: {text}',
  /** An expression is empty. */
  'expression.empty': 'It is empty.',
  /** An expression cannot be read. at = number of the character, from 1. */
  'expression.syntax': 'It cannot be read from character {at} on.',
  /** An expression names something. name = the name. */
  'expression.unknownName': '{name} has no value. Add it under Numbers, or mend the name.',
  /** An expression holds something else. functions = names of functions. */
  'expression.noArithmetic':
    'It may hold numbers, names, + - * / % **, parentheses and these functions: {functions}.',
  /** An expression gives infinity or NaN. value = that. */
  'expression.infinite': 'It gives {value}.',
  /** An expression of a count. */
  'expression.negative': 'It must not be negative.',
  /** A dimension or a number of workgroups. value = what it comes to. */
  'fault.noSize': 'It gives {value}. A size is a whole number from 0.',
  /** A value of a whole type. value = what it comes to, type = u32 or i32, least, most = what that holds. */
  'fault.noWhole': 'It gives {value}. The type {type} holds whole numbers from {least} to {most}.',
  /** A value of a floating type. value = what it comes to, type = f32 or f16, most = what that holds. */
  'fault.tooLarge': 'It gives {value}. The type {type} holds at most {most}.',
  /** A program has no entry point. */
  'fault.noEntry': 'It has no compute shader: a function with @compute and @workgroup_size.',
  /** A program is broken where it declares things. */
  'fault.unread': 'Its declarations cannot be read.',
  /** A variable. name = its name. */
  'fault.texture': '{name} is a texture or a sampler, which the lab does not make.',
  /** All buffers together. bytes, most = numbers of bytes. */
  'fault.memory': 'They need {bytes} bytes together, and {most} are allowed.',
  /** A file that fills a buffer is not chosen yet. */
  'fault.noFile': 'No file is chosen.',
  /** A file of raw bytes. file = its name, bytes = its bytes, wanted = bytes of the buffer. */
  'fault.fileBytes': '{file} has {bytes} bytes and the buffer has {wanted}. Make shape and file agree.',
  /** A file that should be a .npy file. file = its name. */
  'fault.npy': '{file} is no .npy file.',
  /** A .npy file of other elements. file = its name, dtype = as NumPy calls it. */
  'fault.npyDtype': '{file} holds {dtype}. Save real numbers in little-endian order.',
  /** A .npy file without all of its elements. file = its name, shape = dimensions; none where not even they are there. */
  'fault.npyCut':
    '{file} was cut: it holds fewer elements than it says{shape, select, none {} other {, [{shape}]}}.',
  /** A .npy file. file = its name. */
  'fault.npyOrder': '{file} is in Fortran order. Save it in C order.',
  /** A .npy file. file = its name, shape, wanted = dimensions. */
  'fault.npyShape': '{file} has the shape [{shape}] and the buffer [{wanted}].',
  /** A .npy file for a buffer. file = its name, dtype = as NumPy calls it, datatype = the buffer's. */
  'fault.npyType': '{file} holds {dtype} and the buffer {datatype}. Convert one of them.',
  /** A buffer that the library's tests do not make. kernel = of the library. */
  'fault.libraryFill': 'The tests of {kernel} make nothing of this name. Choose another content.',
  /** Bounds of random values. */
  'fault.bounds': 'From must lie under Below.',
  /** Bounds of random values. datatype = of the buffer. */
  'fault.boundsType': 'The datatype {datatype} does not hold these bounds.',
  /** Bounds of random values of 64 bits. datatype = of the buffer. */
  'fault.boundsWide':
    'Bounds of {datatype} go up to 9007199254740991 (2^53 - 1): what lies past it loses digits here. Leave a field empty for the end of the range.',
  /** Name of a number that only one pass has. name = its name. */
  'setup.constant': 'Constant {name}',
  /** A field for a number holds something else. value = the number that is in use. */
  'field.noNumber': 'This is no number. {value} is still in use.',
  /** An optional field for a number holds something else. */
  'field.unused': 'This is no number, so it is not used.',
  /** A field for a number. value = the number that is in use, least, most = bounds. */
  'field.outside': 'It must be a whole number from {least} to {most}. {value} is still in use.',
  /** A field for a number. value = the number that is in use. */
  'field.negative': 'It must not be negative. {value} is still in use.',
  /** The name of a new number cannot be used. */
  'field.badName': 'A name begins with a letter or _; letters, digits and _ follow.',
  /** The name of a new number is in use. name = the name. */
  'field.knownName': '{name} is there already.',
  /** The name of a new number is one of a function of expressions. name = the name. */
  'field.functionName': '{name} is a function of expressions.',

  // The reference

  /** The expression is empty. */
  'check.empty': 'The expression is empty.',
  /** The expression cannot be read. line = number from 1, reason = the words of the program that reads TypeScript. */
  'check.syntax': 'Line {line} of the expression: {reason}',
  /** The expression threw. line = number from 1, reason = its words. */
  'check.threw': 'Line {line} of the expression: {reason}',
  /** The expression failed at no line. reason = its words. */
  'check.failed': 'The expression: {reason}',
  /** The expression asked for something of the browser. line = number from 1, name = of what it asked for. */
  'check.outOfReach':
    'Line {line} of the expression: {name} is out of its reach. An expression works with the inputs and numbers alone: storage, network, GPU and the page are kept from it.',
  /** The expression gave something that is no number. index = of the element, value = what it gave. */
  'check.noNumber': 'The expression gives {value} for element {index}, which is no number.',
  /** An element of an output of 64-bit integers. value = as it is written in TypeScript, index = number, datatype = INT64 or UINT64. */
  'check.noWhole':
    'The expression gives {value} for element {index} of {datatype}. Give whole numbers that fit, past 2^53 as bigint: 2n ** 60n.',
  /** The reference has another size. n = its elements, output = name of the output, wanted = elements of that. */
  'check.length': 'It has {n, plural, one {# element} other {# elements}}, and {output} has {wanted}.',
  /** No .npy file is chosen. */
  'check.noFile': 'Choose a .npy file under Reference.',
  /** The library has no such kernel. kernel = its name. */
  'check.noKernel': 'The library has no kernel {kernel}.',
  /** The library's reference wants a buffer. kernel, name = of the kernel and of the buffer. */
  'check.noBuffer': 'The reference of {kernel} needs a buffer called {name}.',
  /** The library's reference cannot take the buffers. kernel = its name, reason = its words. */
  'check.library': 'The reference of {kernel} cannot take these buffers: {reason}',
  /** It took too long. seconds = number. */
  'check.slow': 'It took longer than {seconds} s.',

  // The gate

  /** The gate refuses the kernel, so it was not run. */
  'gate.refused': 'Not run: the gate refuses this kernel, here and everywhere else.',
  /** Button: runs it on this device without the gate. */
  'gate.run': 'Run it here all the same',
  /** Beside that button. */
  'gate.risk':
    'It may hang: then its worker is closed and, at worst, the browser keeps the GPU from this page for a while.',
  /** Beside that button, in place of the last sentence, where the adapter is a software one. */
  'gate.riskSoftware':
    'It may hang. Its worker is closed then, but nothing stops a software adapter: every tab of this browser may stand still until the browser is closed. What you have written is kept for a reload of this tab.',
  /** A loop was ended. */
  'gate.ended':
    'A loop was ended because it went past the time budget. What you see is what it had written by then.',
  /** A rule of the gate, before what exactly it has against the kernel. rule = its name. */
  'gate.rule':
    '{rule, select, size {The program is too long.} text {Outside of comments there is only ASCII, and no name begins with opentab_.} syntax {This is no WGSL.} nesting {It is nested too deeply.} entry {The entry point is missing.} override {An override has no value, or a value has no override.} workgroup {The workgroup is too large.} memory {The arrays of the program are too large.} binding {The buffers are not those of the program.} resource {Only uniform and storage buffers are allowed.} buffers {The buffers are too many or too large.} dispatch {The dispatch is too large or empty.} recursion {A function calls itself.} compile {It would take too long to compile.} other {It is too much work for the time budget.}}',

  // This device and others

  /** Title of the card. */
  'device.title': 'This device',
  /** The device. name = vendor and architecture. */
  'device.name': '{name}',
  /** A software adapter. */
  'device.software':
    'A software adapter: right results are right everywhere, speeds say nothing about a GPU.',
  /** Not opened yet. */
  'device.none': 'Not opened yet.',
  /** Opens the list of limits. */
  'device.limits': 'Limits beside WebGPU’s defaults',
  /** Column heading. */
  'device.limit': 'Limit',
  /** Column heading. */
  'device.here': 'Here',
  /** Column heading. */
  'device.default': 'Default',
  /** Opens the list of features. */
  'device.features': '{n, plural, one {# feature} other {# features}}',
  /** What the program asks for. names = list of features. */
  'device.needs': 'This kernel needs {names}.',
  /** It asks for nothing special. */
  'device.needsNothing': 'This kernel needs no optional feature and no more than WebGPU’s default limits.',
  /** It goes over default limits. names = list of limits. */
  'device.overLimits': 'Over WebGPU’s defaults: {names}.',
  /** Heading of the connected device classes. */
  'device.fleet': 'Connected devices',
  /** How many classes run a kernel. able, all = numbers of classes. */
  'device.runsOn':
    'Runs on {able} of {all, plural, one {# device class} other {# device classes}} for certain.',
  /** No tab is connected. */
  'device.noFleet': 'No tab is connected.',
  /** The relay does not answer. */
  'device.fleetUnknown': 'The relay does not say which devices are connected.',
  /** In the list: the class of this device. */
  'device.same': 'like this device',
  /** In the list: certain. */
  'device.able': 'runs',
  /** In the list: the relay tells classes by a hash of their features, so it cannot be known before a run. */
  'device.unknown': 'not known before a run',
  /** Number of tabs of a class. */
  'device.tabs': '{n, plural, one {# tab} other {# tabs}}',

  // Speed

  /** Title of the card. */
  'speed.title': 'Speed',
  /** Button: times the kernel. */
  'speed.measure': 'Measure',
  /** While it measures. */
  'speed.measuring': 'Measuring',
  /** Nothing was timed yet. */
  'speed.none': 'Not measured yet. A wrong result is never timed.',
  /** The result is wrong, so there are no times. */
  'speed.wrong': 'Not timed: the result is wrong.',
  /** Why two versions were not compared. version = a (the one that was kept) or now. */
  'speed.wrongOf':
    '{version, select, a {Not compared: version A is wrong. Keep one that is right.} other {Not compared: this version is wrong. See Result.}}',
  /** A loop does not end. */
  'speed.endless': 'Not timed: a loop does not end within the time budget.',
  /** Something else went wrong. reason = its words. */
  'speed.failed': 'Not timed: {reason}',
  /** Figure: median time of a run. */
  'speed.median': 'Median of a run',
  /** Figure: median absolute deviation. */
  'speed.mad': 'MAD',
  /** Figure: how many measurements. */
  'speed.n': 'Measurements',
  /** Figure. */
  'speed.gflops': 'GFLOP/s',
  /** Figure. */
  'speed.bandwidth': 'GB/s',
  /** Under such a figure: how much of the peak. share = percentage. */
  'speed.ofPeak': '{share} of this device’s peak',
  /** How it was timed. method = timestamps or wall; runs = runs in each measurement. */
  'speed.method':
    '{method, select, timestamps {GPU timestamps} other {Wall time, because this device gives no timestamps}}; each measurement is the mean of {runs, plural, one {# run} other {# runs}}. Bytes are those of the buffers, each once.',
  /** The result was not compared with anything. */
  'speed.unchecked': 'The result was compared with nothing.',
  /** Under a measurement, an A/B or a sweep: it belongs to an older version. */
  'speed.older': 'Measured before the last change.',
  /** Title of the chart. */
  'roof.title': 'Roofline of this device',
  /** Said of the chart. gflops, bandwidth = peaks; intensity, reached = of the kernel. */
  'roof.label':
    'Peaks: {gflops} GFLOP/s and {bandwidth} GB/s. The kernel does {intensity} operations a byte and reaches {reached} GFLOP/s.',
  /** Axis of the chart. */
  'roof.x': 'Operations per byte',
  /** Opens the table behind the chart. */
  'roof.table': 'Figures of the chart',
  /** Row of that table. */
  'roof.peak': 'Peak, by multiply-adds',
  /** Row of that table. */
  'roof.copy': 'Peak, by copying',
  /** Row of that table. */
  'roof.kernel': 'This kernel',
  /** Row of that table: what the roof allows at this intensity. */
  'roof.allowed': 'What the roof allows it',
  /** Column heading. */
  'roof.what': 'What',
  /** Column heading. */
  'roof.value': 'Value',

  // A and B

  /** Title of the part that compares two versions. */
  'pair.title': 'Two versions',
  /** Button: keeps the present version as A. */
  'pair.keep': 'Keep this version as A',
  /** A version is kept. name = its name. */
  'pair.kept': 'A is {name}, as it was kept.',
  /** Button: times A and the present version in turns. */
  'pair.compare': 'Compare with A',
  /** Button: goes back to the version that was kept. */
  'pair.open': 'Open A',
  /** Result. ratio = times, side = which is faster. */
  'pair.faster':
    '{side, select, b {This version is {ratio} times as fast as A.} a {This version needs {ratio} times as long as A.} other {The two cannot be told apart.}}',
  /** How it was done. n = blocks of each. */
  'pair.how': 'Alternating blocks, {n, plural, one {# of each} other {# of each}}. Seed {seed}.',
  /** Column heading. */
  'pair.version': 'Version',
  /** Column heading, narrow: how many measurements. */
  'pair.n': 'n',
  /** Name of the version in the editor. */
  'pair.now': 'This version',
  /** Name of the version that was kept. */
  'pair.a': 'A',

  // Sweep

  /** Title of the card. */
  'sweep.title': 'Sweep',
  /** Under it. */
  'sweep.hint': 'Every combination is run, checked, then timed. Give the values to try, with commas.',
  /** Field: values of an override or a number. name = its name. */
  'sweep.values': 'Values of {name}',
  /** Button. n = number of combinations. */
  'sweep.run': 'Sweep {n, plural, one {# combination} other {# combinations}}',
  /** Button while it runs. */
  'sweep.stop': 'Stop the sweep',
  /** Nothing to vary. */
  'sweep.nothing': 'There is no override and no number to vary.',
  /** Values to try hold something else. value = that. */
  'sweep.noNumber': '{value} is no number.',
  /** A name that does not vary anything. name = the name. */
  'sweep.unknown': 'There is no override and no number {name}. Empty this field.',
  /** Too many combinations. n, most = numbers of combinations. */
  'sweep.tooMany': 'These are {n} combinations, and {most} are allowed.',
  /** How far it is. done, total = combinations. */
  'sweep.progress': '{done} of {total}',
  /** Button: saves the table. */
  'sweep.csv': 'CSV',
  /** The fastest. point = names and values, time = its time. */
  'sweep.best': 'Fastest: {point}, {time}.',
  /** Column heading. */
  'sweep.time': 'Median',
  /** In place of the fastest. */
  'sweep.noneTimed': 'No combination was timed: none is right and runs.',
  /** Button under the fastest combination: takes its values over into the description. */
  'sweep.use': 'Use the fastest',
  /** Column heading. */
  'sweep.mad': 'MAD',
  /** Column heading: why a combination was not timed. */
  'sweep.why': 'Why not',
  /** In place of a time: the result is wrong. */
  'sweep.wrong': 'wrong',
  /** In place of a time: it did not run. */
  'sweep.refused': 'not run',
  /** Caption of the heat map of two names. rows, columns = names. */
  'sweep.heat': 'Median by {rows} and {columns}; stronger is faster',
  /** Caption of the table. seed = number. */
  'sweep.caption': 'Median time of each combination, seed {seed}',

  /** Over a table that is wider than its place. */
  'table.wider': 'More columns to the right: scroll the table sideways.',

  // The fleet

  /** Title of the card: the kernel on other people's devices. */
  'fleet.title': 'On the fleet',
  /** Button. */
  'fleet.run': 'Run on the fleet',
  /** Button while it runs. */
  'fleet.stop': 'Stop',
  /** Not run there yet. */
  'fleet.none':
    'Not run there yet. It runs in one tab of every connected device class, where the contributor allows programs that developers send.',
  /** While it runs. */
  'fleet.waiting': 'Waiting for the tabs',
  /** No result. reason = the relay's or the lab's sentence. */
  'fleet.failed': 'No result: {reason}',
  /** Under the title, in place of the button: the kernel cannot be sent. n = its passes. */
  'fleet.passes':
    'This kernel cannot run on the fleet: it has {n, plural, one {# pass} other {# passes}}, and a job has one. Join them in one program, or export it for the lab alone.',
  /** Waited too long. */
  'fleet.nobody':
    'No result in time. Programs that developers send run only in tabs whose contributor has switched them on.',
  /** The person stopped it. */
  'fleet.stopped': 'Stopped.',
  /** No device class ran it. */
  'fleet.empty': 'No tab ran it.',
  /** Field: API key. */
  'fleet.apiKey': 'API key of the relay',
  /** The result belongs to an older version. */
  'fleet.older': 'Run before the last change.',
  /** Accessible name of the table. */
  'fleet.table': 'Device classes',
  /** Column heading. */
  'fleet.deviceClass': 'Device class',
  /** Column heading. */
  'fleet.verdict': 'Verdict',
  /** A verdict on a class that was compared with the reference. verdict = one of them. */
  'fleet.verdictName':
    '{verdict, select, agrees {agrees} differs {differs} unverified {unverified} other {failed}}',
  /** A verdict on a class that was compared with the other tabs. verdict = one of them. */
  'fleet.verdictAmong':
    '{verdict, select, agrees {as the others} differs {unlike the others} unverified {unverified} other {failed}}',
  /** Under the table: two tabs differ, and nobody knows which is right. output = name, at = index of the element, got = what one gave, expected = what another gave. */
  'fleet.unlike': '{output}[{at}] is {got} here and {expected} elsewhere.',
  /** Under the table: the job went with the reference. */
  'fleet.compared': 'Compared with your reference.',
  /** Under the table: it went without one. tabs = agree or differ; reference = none (nothing to compare with is chosen), library (its bound goes with no job), or another that no job can carry. */
  'fleet.notCompared':
    '{tabs, select, agree {The tabs agree with each other} other {The tabs do not agree with each other}}; {reference, select, none {there is no reference to compare with} library {not compared with your reference, because what the library allows goes with no job} other {not compared with your reference}}.',
  /** Beside the button: the result of this device is wrong, whatever the fleet says. */
  'fleet.wrongHere': 'Wrong on this device: see Result.',
  /** Column of the fleet's table: how a class was timed. */
  'fleet.timing': 'Timed by',
  /** timing = timestamps or wall. */
  'fleet.timingName': '{timing, select, timestamps {GPU timestamps} other {Wall time}}',
  /** In place of a figure that there is not. */
  'fleet.noFigure': '–',
  /** Only one tab ran it. */
  'fleet.alone': 'Only one tab ran it, so there is nothing to compare its result with.',
} satisfies Record<string, string>

export type LabTextKey = keyof typeof enLab
