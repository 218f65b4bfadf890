// Words of a row of codes: whole groups of 32 codes, four to a word.
fn wordsOfRow() -> u32 {
  return (task.n + 31u) / 32u * 8u;
}

// Writes the four codes of a word into its plane or planes: of two the first has code >> 7, the second code & 127.
//   codes: u32[planes, rows, wordsOfRow()]
fn storeCodes(row: u32, word: u32, four: vec4i) {
  let at = row * wordsOfRow() + word;
  if (task.planes == 1u) {
    codes[at] = packFour(four);
  } else {
    codes[at] = packFour(four >> vec4u(7u));
    codes[at + task.rows * wordsOfRow()] = packFour(four & vec4i(127));
  }
}
