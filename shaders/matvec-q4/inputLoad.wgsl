// Eight neighbouring fours of x, read by every invocation.
fn inputOf(block: u32, place: Place) -> Input {
  let at = block * 8u;
  return Input(
    array(fourOfX(at), fourOfX(at + 1u), fourOfX(at + 2u), fourOfX(at + 3u)),
    array(fourOfX(at + 4u), fourOfX(at + 5u), fourOfX(at + 6u), fourOfX(at + 7u)),
  );
}
