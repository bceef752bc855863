using System.Globalization;
using LogDomain.Sequences;
using Trellis;

// The trellis of the guide's first example: how likely each state and each step is, and the best path.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int States = 2, Positions = 3;
double[] emissions = [1, 0, 0, 2, 1, 1], transitions = [0.5, -0.5, -0.5, 0.5], states = new double[Positions * States], steps = new double[(Positions - 1) * States * States];
int[] best = new int[Positions];
LinearChain<double> chain = new(emissions, transitions, States);
chain.Marginals(states);
chain.PairMarginals(steps);
chain.MostLikelyPath(best);
for (int t = 0; t < Positions; t++)
{
    Console.WriteLine($"position {t}: states {states[t * States]:F3} {states[(t * States) + 1]:F3}" + (t == 0 ? "" : ", steps to here " + string.Join(" ", steps.Skip((t - 1) * States * States).Take(States * States).Select(p => $"{p:F3}"))));
}

Console.WriteLine($"best path: {string.Join(" ", best)}");
if (args.Length > 0)
{
    Picture.Save(args[0], emissions, transitions, states, steps, best);
}
