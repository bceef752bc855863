namespace LogDomain.Tests.Reproducibility;

/// <summary>Rows that take every way through the kernels.</summary>
internal static class RowKinds
{
    public const int Count = 9;

    public static double[] Row(int length, int kind, int seed)
    {
        Random random = new(seed);
        double[] row = new double[length];
        for (int i = 0; i < length; i++)
        {
            double u = random.NextDouble() - 0.5;
            row[i] = kind switch
            {
                0 => 8 * u,
                1 => 200 * u,
                2 => i == length / 3 ? 30 + (seed % 71) : u,     // confident: 30 to 100 above the others
                3 => 1e6 + (20 * u),                             // float: beyond the frames, 2^15
                4 => u < 0 ? double.NegativeInfinity : 5 * u,
                5 => i == length / 2 ? double.NaN : u,
                6 => 1e13 + (20 * u),                            // double: beyond the frames, 2^40
                7 => (0.01 * u) - Math.Log(length),              // a log-sum-exp near 0, computed again in double
                _ => 40_000 + (20 * u),                          // beyond the frames of float, a number in Half
            };
        }

        return row;
    }
}
