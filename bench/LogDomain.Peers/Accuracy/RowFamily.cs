namespace LogDomain.Peers.Accuracy;

/// <summary>A kind of rows that is hard in its own way; <c>Values</c> makes a source of values from a source of randomness.</summary>
internal sealed record RowFamily(string Name, Shape Shape, Func<Random, Func<int, int, double>> Values)
{
    public static readonly RowFamily[] All =
    [
        new("N(0, 4^2)", new(1_000, 1_000), random => Workload.Normal(random, 4)),
        new("U(-60, 60)", new(1_000, 1_000), random => (_, _) => (120 * random.NextDouble()) - 60),
        new("confident: one logit 20 to 40 above", new(20_000, 10), Confident),
        new("normalised log-probabilities", new(20_000, 10), Normalised),
        new("N(1e4, 4^2)", new(2_000, 100), random => Workload.Normal(random, 4, mean: 1e4)),
    ];

    private static Func<int, int, double> Confident(Random random)
    {
        const int Winner = 3;
        Func<int, int, double> normal = Workload.Normal(random, 1);
        return (row, column) => column == Winner ? 20 + (20 * random.NextDouble()) : normal(row, column);
    }

    /// <summary>Their log-sum-exp is zero but for the rounding of the logarithms, which is all that is left to compute.</summary>
    private static Func<int, int, double> Normalised(Random random)
    {
        const int Columns = 10;
        Func<int, int, double> normal = Workload.Normal(random, 2);
        double[] logits = new double[Columns];
        double logSum = 0;
        return (row, column) =>
        {
            if (column == 0)
            {
                for (int i = 0; i < Columns; i++)
                {
                    logits[i] = normal(row, i);
                }

                logSum = Math.Log(logits.Sum(Math.Exp));
            }

            return logits[column] - logSum;
        };
    }
}
