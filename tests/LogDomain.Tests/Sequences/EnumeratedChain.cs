using LogDomain.Sequences;
using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sequences;

/// <summary>A small random chain, and the truth about it by going through all its paths in exact arithmetic.</summary>
internal sealed class EnumeratedChain
{
    private EnumeratedChain()
    {
    }

    public required double[] Emissions { get; init; }

    public required double[] Transitions { get; init; }

    public required double[] Start { get; init; }

    public required double[] End { get; init; }

    public required bool[] Mask { get; init; }

    public required bool[] Allowed { get; init; }

    public required int States { get; init; }

    public required int Length { get; init; }

    /// <summary>The positions that count.</summary>
    public int[] Places => [.. Enumerable.Range(0, Length).Where(t => Mask.Length == 0 || Mask[t])];

    public LinearChain<double> Chain => new(Emissions, Transitions, States) { Start = Start, End = End, Mask = Mask, Allowed = Allowed };

    public LinearChain<T> As<T>()
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        new(Narrow<T>(Emissions), Narrow<T>(Transitions), States) { Start = Narrow<T>(Start), End = Narrow<T>(End), Mask = Mask, Allowed = Allowed };

    /// <summary>Lengths 0 to 5, 1 to 4 states, and by the seed: scores from a small to a huge spread, impossible ones, masks, matrices of their own.</summary>
    public static EnumeratedChain Random(int seed, double? spread = null)
    {
        Random random = new(seed);
        int states = 1 + random.Next(4), length = random.Next(6);
        double size = spread ?? new[] { 1.0, 100, 100, 1000, 5000 }[random.Next(5)], impossible = random.Next(3) == 0 ? 0.25 : 0;
        double[] Scores(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < impossible ? double.NegativeInfinity : (float)(size * ((2 * random.NextDouble()) - 1)))];
        bool varies = random.Next(3) == 0;
        return new()
        {
            States = states,
            Length = length,
            Emissions = Scores(length * states),
            Transitions = Scores(varies ? Math.Max(0, length - 1) * states * states : states * states),
            Start = random.Next(2) == 0 ? [] : Scores(states),
            End = random.Next(2) == 0 ? [] : Scores(states),
            Mask = random.Next(3) > 0 ? [] : [.. Enumerable.Range(0, length).Select(_ => random.Next(4) > 0)],
            Allowed = random.Next(4) > 0 ? [] : [.. Enumerable.Range(0, length * states).Select(_ => random.Next(4) > 0)],
        };
    }

    /// <summary>All paths over the positions that count, with their scores; impossible ones are left out.</summary>
    public List<(int[] Path, DoubleDouble Score)> Paths()
    {
        int[] places = Places;
        List<(int[] Path, DoubleDouble Score)> paths = [];
        int count = (int)Math.Pow(States, places.Length);
        for (int number = 0; number < count; number++)
        {
            int[] path = new int[places.Length];
            for (int t = places.Length - 1, rest = number; t >= 0; t--, rest /= States)
                path[t] = rest % States;

            double[] parts = [.. Parts(path, places)];
            if (!parts.Contains(double.NegativeInfinity))
                paths.Add((path, parts.Aggregate(DoubleDouble.Zero, (sum, part) => sum + DoubleDouble.From(part))));
        }

        return paths;
    }

    /// <summary>e^score of every path relative to the largest.</summary>
    public List<(int[] Path, DoubleDouble Weight)> Weights(out DoubleDouble max)
    {
        List<(int[] Path, DoubleDouble Score)> paths = Paths();
        DoubleDouble largest = paths.Count == 0 ? DoubleDouble.Zero : paths.Max(path => path.Score);
        max = largest;
        return [.. paths.Select(path => (path.Path, DoubleDouble.Exp(path.Score - largest)))];
    }

    /// <summary>
    /// What the logarithm of a sum over paths may be wrong by: at each position K + 10 halves of an ulp of numbers; where a state is 173 nats or more behind, also two of each logarithm that is made on the way there and back, of states
    /// that a path can go through, which are their distances from the best.
    /// </summary>
    /// <remarks>
    /// In a step: the gap of the transition below the largest, and what is in a state then; in an emission: its gap, and what is in the state then. Each is subtracted from and added to another once. The emission of the last position or the first
    /// one counts in both directions.
    /// </remarks>
    public double ErrorBound()
    {
        int[] places = Places;
        double[] forward = new double[places.Length * States], backward = new double[forward.Length];
        Chain.Forward<LogSemiring, double>(forward);
        Chain.Backward<LogSemiring, double>(backward);
        double sum = 0, largest = 0;
        double Gap(IEnumerable<(double Value, bool Counts)> values)
        {
            double max = values.Max(v => v.Value), min = values.Where(v => v.Counts).Select(v => v.Value).DefaultIfEmpty(max).Min(), gap = double.IsFinite(max) ? max - min : 0;
            sum += gap;
            largest = Math.Max(largest, gap);
            return gap;
        }

        for (int t = 0; t < places.Length; t++)
        {
            int row = t * States, place = places[t];
            bool[] counts = [.. Enumerable.Range(0, States).Select(j => double.IsFinite(forward[row + j] + backward[row + j]))];
            double[] scores = [.. Enumerable.Range(0, States).Select(j => Allowed.Length == 0 || Allowed[(place * States) + j] ? Emissions[(place * States) + j] : double.NegativeInfinity)];
            for (int direction = 0; direction < 2; direction++)
            {
                double[] sums = direction == 0 ? forward[row..(row + States)] : backward[row..(row + States)];
                _ = Gap(scores.Zip(counts));
                _ = Gap(sums.Zip(counts));
                _ = Gap(sums.Select((x, j) => direction == 0 ? x - scores[j] : x + scores[j]).Select(x => double.IsNaN(x) ? double.NegativeInfinity : x).Zip(counts));
                if (t > 0)
                    _ = Gap(Transitions.Skip(Transitions.Length != States * States ? (place - 1) * States * States : 0).Take(States * States).Select(x => (x, double.IsFinite(x))));
            }
        }

        _ = Gap(Start.Append(0).Select(x => (x, double.IsFinite(x))));
        _ = Gap(End.Append(0).Select(x => (x, double.IsFinite(x))));
        return Math.ScaleB(((States + 10) * places.Length) + (largest >= 173 ? 2 * sum : 0), -53);
    }

    public static T[] Narrow<T>(double[] x)
        where T : System.Numerics.INumberBase<T> => [.. x.Select(T.CreateTruncating)];

    private IEnumerable<double> Parts(int[] path, int[] places)
    {
        for (int t = 0; t < path.Length; t++)
        {
            int place = places[t];
            bool varies = Transitions.Length != States * States;
            yield return Allowed.Length == 0 || Allowed[(place * States) + path[t]] ? Emissions[(place * States) + path[t]] : double.NegativeInfinity;
            if (t > 0)
                yield return Transitions[((((varies ? place - 1 : 0) * States) + path[t - 1]) * States) + path[t]];
        }

        if (path.Length > 0)
        {
            yield return Start.Length == 0 ? 0 : Start[path[0]];
            yield return End.Length == 0 ? 0 : End[path[^1]];
        }
    }
}
