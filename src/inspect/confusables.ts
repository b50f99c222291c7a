/**
 * Letters of other scripts that are drawn like Latin ones. Compatibility forms (full-width, mathematical, circled, …)
 * need no entry: NFKC folds them. Each line is `Latin` followed by its look-alikes.
 */
const LOOK_ALIKES = `
A АΑᎪꓮ𐊠
B ВΒᏴꓐ
C СϹᏟꓚⅭ
D ᎠꓓꓒƊ
E ЕΕᎬꓰ
F ϜҒꓝ
G ԌᏀꓖ
H НΗᎻꓧҺ
I ІΙӀᏆꓲ
J ЈᎫꓙ
K КΚᏦꓗҚ
L ᏞꓡԼ
M МΜᎷꓟϺ
N ΝꓠՆ
O ОΟՕꓳ
P РΡᏢꓑ
Q ԚႭ
R ᎡᏒꓣ
S ЅՏᏚꓢ
T ТΤᎢꓔ
U ՍꓴԱ
V ѴᏙꓦ
W ԜᎳꓪ
X ХΧꓫ
Y УΥҮᎩꓬ
Z ΖᏃꓜ
a аαɑ
b ЬƄ
c сϲᴄⅽ
d ԁɗ
e еεҽ
f ſẝ
g ɡց
h һհ
i іιıɪ
j јϳ
k кκ
l ӏǀ
m мⅿ
n пηոռ
o оοօσᴏ
p рρ
q ԛգզ
r гᴦ
s ѕꜱ
t тτ
u υսᴜ
v νѵᴠ
w ѡԝᴡա
x хχ
y уγүʏ
z ᴢ
`;

function table(): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of LOOK_ALIKES.trim().split('\n')) {
    const [latin = '', ...others] = line.replace(' ', '');
    for (const other of others) map.set(other, latin);
  }
  return map;
}

/** Look-alike → the Latin letter it is drawn like. */
export const CONFUSABLES: ReadonlyMap<string, string> = table();
