/**
 * 32 pairs of sentences that say the same in other words: each sentence's nearest neighbour among all 64 should be its
 * partner.
 */
export const demoPairs: readonly (readonly [string, string])[] = [
  ['The ferry leaves the island at seven in the morning.', 'The boat departs from the island at 7 a.m.'],
  ['A red kite circled above the wheat field.', 'A bird of prey was flying rounds over the grain.'],
  ['My bicycle has a flat tyre again.', 'There is no air left in the wheel of my bike.'],
  ['The museum is closed on Mondays.', 'On Mondays you cannot visit the museum.'],
  ['She baked bread with rye flour and honey.', 'She made a loaf from rye and some honey.'],
  ['The train was late because of snow on the tracks.', 'Snow on the rails delayed the train.'],
  ['Our server ran out of disk space last night.', 'Yesterday night the hard drive of our server was full.'],
  ['He plays the cello in a string quartet.', 'He is the cellist of a quartet.'],
  ['The doctor told her to drink more water.', 'Her physician advised her to take in more fluids.'],
  ['A volcano in Iceland erupted on Sunday.', 'On Sunday an Icelandic volcano broke out.'],
  ['The children built a castle out of sand.', 'Kids made a sandcastle.'],
  ['Bees find their way by the position of the sun.', 'Honeybees use the sun to navigate.'],
  ['The price of coffee went up by a fifth.', 'Coffee became twenty percent more expensive.'],
  ['Please turn off the lights when you leave.', 'Switch the lamps off before you go out.'],
  ['The old bridge was repaired with oak beams.', 'They mended the ancient bridge using oak timber.'],
  ['Her grandmother speaks four languages.', 'Her grandma is fluent in four tongues.'],
  [
    'The goalkeeper saved a penalty in the last minute.',
    'In the final minute the keeper stopped the penalty kick.',
  ],
  ['It has not rained in the valley for two months.', 'The valley has been dry for two months.'],
  ['The library lends out musical instruments.', 'You can borrow instruments for music from the library.'],
  ['A fox stole three hens from the farm.', 'Three chickens were taken from the farm by a fox.'],
  [
    'The telescope photographed a distant galaxy.',
    'A picture of a faraway galaxy was taken by the telescope.',
  ],
  ['I forgot the password of my account.', 'I cannot remember my login code.'],
  [
    'The tailor shortened the sleeves of the jacket.',
    'The sleeves of the coat were made shorter by the tailor.',
  ],
  [
    'Most of the city’s power comes from wind.',
    'Wind turbines generate the majority of the city’s electricity.',
  ],
  ['The judge postponed the hearing to Friday.', 'The court hearing was moved to Friday.'],
  ['There is a leak under the kitchen sink.', 'Water drips from the pipe below the sink in the kitchen.'],
  ['The chess champion lost to a twelve-year-old girl.', 'A girl of twelve beat the master of chess.'],
  ['Two climbers reached the summit before noon.', 'Before midday a pair of mountaineers stood on the peak.'],
  ['The tomatoes in the greenhouse are ripe.', 'The greenhouse tomatoes can be picked now.'],
  [
    'The novel tells of a lighthouse keeper and his dog.',
    'The book is about a man who tends a lighthouse with his dog.',
  ],
  ['The bank refused to give them a loan.', 'They were denied credit by the bank.'],
  ['A new species of frog was found in Peru.', 'Scientists discovered an unknown frog in Peru.'],
]

/** All 64, partners side by side. */
export const demoSentences: readonly string[] = demoPairs.flat()
