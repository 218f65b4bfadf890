/**
 * What quantised weights are measured on: prose, dialogue, figures and a piece of code, written for this. It never
 * changes, so that figures of different imports can be compared.
 */
export const measureText = `The lighthouse stood at the end of a long, narrow road that followed the coast. In winter the keeper
walked it twice a day, once before dawn to put out the lamp, and once in the evening to light it again. He had counted
the steps so often that he no longer knew he was counting: two thousand, four hundred and twelve from the gate to the door.

"You could ride a bicycle," his daughter said when she came to visit in March.

"And miss the birds?" he answered. "In the last ten years I have written down one hundred and forty kinds of them."

She looked at the shelf. There were eleven notebooks on it, each with a year on its back. She took one down and read: on
the third of May the wind came from the north-west, the temperature was nine degrees, and a white-tailed eagle had circled
over the harbour for almost an hour. Below that he had drawn a small map.

The theory behind such a lamp is simple. A lens made of many thin rings bends the light as one thick piece of glass would,
but weighs far less; because each ring is cut at its own angle, the rays leave all of them in parallel. The French engineer
Augustin-Jean Fresnel proposed it in 1822, and within fifty years nearly every important coast in Europe used it. If the
lamp stands h metres above the sea, it can be seen from a distance of about 3.57 times the square root of h kilometres, so
a tower of 36 metres reaches a little more than 21 kilometres.

def distance(height):
    """Kilometres at which a light of this height in metres meets the horizon."""
    return 3.57 * height ** 0.5

for height in [4, 9, 16, 25, 36]:
    print(height, round(distance(height), 1))

When the daughter left, the keeper walked with her as far as the gate. It had begun to rain, and neither of them said very
much. "Come back when the terns are here," he said at last. "They arrive in the second week of April, and they are never late."
`
