using System.Numerics;

namespace LogDomain.Tests.Testing;

/// <summary>The rows that accuracy is measured on, by name; each seed gives another row.</summary>
internal static class RowFamilies
{
    private static readonly Dictionary<string, Func<Random, double[]>> All = new()
    {
        ["N(0,4^2) x 1000"] = r => Fill(1000, () => 4 * Sample.Normal(r)),
        ["U(-60,60) x 1000"] = r => Fill(1000, () => (120 * r.NextDouble()) - 60),
        ["N(1e4,4^2) x 100"] = r => Fill(100, () => 1e4 + (4 * Sample.Normal(r))),
        ["N(0,30^2) x 517"] = r => Fill(517, () => 30 * Sample.Normal(r)),
        ["N(0,300^2) x 100"] = r => Fill(100, () => 300 * Sample.Normal(r)),
        ["N(0,1) x 3..64"] = r => Fill(r.Next(3, 65), () => Sample.Normal(r)),
        ["N(0,1e-3^2) x 33"] = r => Fill(33, () => 1e-3 * Sample.Normal(r)),
        ["confident x 100"] = r => Peak(Fill(100, () => Sample.Normal(r)), r.Next(100), 20 + (20 * r.NextDouble())),
        ["confident x 2"] = r => Peak(new double[2], r.Next(2), 100 * r.NextDouble()),
        ["constant"] = r => Constant(r.Next(1, 1500), Sample.Normal(r)),
        ["N(1e8,4^2) x 65"] = r => Fill(65, () => 1e8 + (4 * Sample.Normal(r))),
        ["around 1e20 x 65"] = r => Fill(65, () => 1e20 * (1 + (1e-7 * r.NextDouble()))),
        ["+-3e38 x 65"] = r => Fill(65, () => (r.Next(2) == 0 ? 3e38 : -3e38) * (1 - (1e-7 * r.Next(2)))),
        ["subnormal x 40"] = r => Fill(40, () => Sample.Normal(r) * (r.Next(2) == 0 ? 1e-42 : 1e-310)),
        ["normalised x 10"] = r => Normalised(Fill(10, () => Sample.Normal(r))),
        ["N(0,4^2) x 9000"] = r => Fill(9000, () => 4 * Sample.Normal(r)),
        ["tiny x 40"] = r => Fill(40, () => Sample.Normal(r) * Math.Pow(10, -30 * r.NextDouble())),
        ["two values x 1000"] = r => TwoValues(r, 1000, below: 3 * r.NextDouble()),
        ["mass just below the maximum x 1000"] = r => TwoValues(r, 1000, below: Math.Pow(10, -6 * r.NextDouble())),
        ["mass far below the maximum x 1000"] = r => TwoValues(r, 1000, below: 6 + (14 * r.NextDouble())),
        ["-infinity among N(0,4^2) x 300"] = r => Fill(300, () => r.Next(3) == 0 ? double.NegativeInfinity : 4 * Sample.Normal(r)),
    };

    /// <summary>Rows whose largest probabilities do not say how far the smallest can lie below: results down to the subnormal and to 0.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    public static T[] Row<T>(string family, int seed)
        where T : INumberBase<T>
    {
        double[] row = All[family](new Random(seed));
        return Sample.Row<T>(row.Length, i => row[i]);
    }

    private static double[] Fill(int length, Func<double> element) => Sample.Row<double>(length, _ => element());

    /// <summary>Log-probabilities: what is left of their log-sum-exp is the rounding of the elements.</summary>
    private static double[] Normalised(double[] row)
    {
        double logSumExp = Math.Log(row.Sum(Math.Exp));
        return [.. row.Select(x => x - logSumExp)];
    }

    private static double[] Constant(int length, double value) => Fill(length, () => value);

    private static double[] Peak(double[] row, int place, double height)
    {
        row[place] += height;
        return row;
    }

    private static double[] TwoValues(Random random, int length, double below)
    {
        double max = 8 * Sample.Normal(random);
        return Peak(Constant(length, max - below), random.Next(length), below);
    }
}
