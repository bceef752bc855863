using System.Globalization;
using LogDomain.Sequences;
using Vowels;

// A model of two states reads English letter by letter, is told nothing, and finds the vowels (R. L. Cave and L. P. Neuwirth, "Hidden Markov models for English", 1980).
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int States = 2;
string root = args.Length > 0 ? args[0] : ".";

// A sequence for each file.
List<double> symbols = [];
List<int> lengths = [];
foreach ((string _, IReadOnlyList<string> paragraphs) in Prose.Read(root))
{
    double[] text = Alphabet.Encode(string.Join(' ', paragraphs));
    symbols.AddRange(text);
    lengths.Add(text.Length);
}

Console.WriteLine($"{symbols.Count:N0} characters of {lengths.Count} files, {Alphabet.Symbols} symbols");

// The first start lets the states alternate and prefers no letter much; two others are drawn. The likelihood hardly rises at first: steps of 1e-6 nats a character are no end yet.
double[] nearlyAlike = [.. Enumerable.Range(0, States * Alphabet.Symbols).Select(i => Math.Log(1 + (0.5 * (i % 2))))];
HiddenMarkovModel start = HiddenMarkovModel.FromProbabilities([0.5, 0.5], [0.3, 0.7, 0.7, 0.3], new CategoricalEmissions(States, nearlyAlike));
HiddenMarkovModelFit fit = start.Fit([.. symbols], [.. lengths], new() { Restarts = 2, Seed = 1, MaxIterations = 200, Tolerance = 1e-7 });

Console.WriteLine("iteration  log-likelihood  bits per character");
double[] bits = [.. fit.Objectives.Select(objective => -objective / symbols.Count / Math.Log(2))];
for (int i = 0; i < bits.Length; i++)
{
    if (i < 10 || i % 10 == 0 || i == bits.Length - 1)
    {
        Console.WriteLine($"{i,9}  {fit.Objectives[i],14:F2}  {bits[i],18:F4}");
    }
}

// A letter belongs to the state that emits it more often.
double[] logs = ((CategoricalEmissions)fit.Model.Emissions).LogProbabilities.ToArray();
double[][] probabilities = [.. logs.Select(Math.Exp).Chunk(Alphabet.Symbols)];
int vowels = probabilities[0][Alphabet.IndexOf('e')] > probabilities[1][Alphabet.IndexOf('e')] ? 0 : 1;
foreach (int state in (int[])[vowels, 1 - vowels])
{
    IEnumerable<int> own = Enumerable.Range(0, Alphabet.Symbols).Where(i => probabilities[state][i] > probabilities[1 - state][i]).OrderByDescending(i => probabilities[state][i]);
    double stays = Math.Exp(fit.Model.LogTransitions[(state * States) + state]);
    Console.WriteLine($"{(state == vowels ? "vowels" : "consonants")}, after one of them another with probability {stays:F3}:");
    Console.WriteLine("  " + string.Join(", ", own.Select(i => $"{Alphabet.NameOf(i)} {probabilities[state][i]:F3}")));
}

if (args.Length > 1)
{
    Picture.Save(args[1], probabilities[vowels], probabilities[1 - vowels], bits);
}
