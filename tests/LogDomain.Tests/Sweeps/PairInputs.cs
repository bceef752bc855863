using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>Pairs inside the domain of a function: of every size, equal and nearly equal, far apart, opposite, and where the result has a root.</summary>
internal sealed class PairInputs(BinaryFunction function, ulong seed, Format format)
{
    private readonly RandomBits _random = new(seed);

    public (double X, double Y) Next()
    {
        while (true)
        {
            (double x, double y) = Any();
            (x, y) = (Rounded(x), Rounded(y));
            if (_random.Next(2) == 0)
                (x, y) = (y, x);

            if (double.IsFinite(x) && double.IsFinite(y) && function.Has(x, y))
                return (x, y);
        }
    }

    /// <summary>The same for a format of 32 bits.</summary>
    public (float X, float Y) NextSingles()
    {
        (double x, double y) = Next();
        return ((float)x, (float)y);
    }

    private (double X, double Y) Any()
    {
        double x = One();
        return _random.Next(11) switch
        {
            0 => (x, x),
            1 => (x, Nudged(x)),
            2 => (x, -x),
            3 => (x, -Nudged(x)),
            4 => (x, Rounded(function.Root(Rounded(x)))),
            5 => (x, Nudged(function.Root(Rounded(x)))),
            6 => (x, x + _random.NextLogUniform(-60, 7)),
            7 => (x, x * _random.NextLogUniform(-20, 20)),

            // Where the terms cancel to a part of them, as a cutoff has it.
            8 => (x, Rounded(function.Root(Rounded(x))) * (1 + _random.NextLogUniform(-14, -1))),
            _ => (x, One()),
        };
    }

    private double One() => _random.Next(8) switch
    {
        0 => _random.NextLogUniform(format),
        1 or 2 => _random.NextLogUniform(-60, 9),
        3 => _random.NextLogUniform(-8, 4),
        4 => 1500 * (_random.NextDouble() - 0.5),
        5 => 4 * (_random.NextDouble() - 0.5),
        6 => UnaryFunction.Points[_random.Next(UnaryFunction.Points.Count)],
        _ => 100 * (_random.NextDouble() - 0.5),
    };

    /// <summary>A few ulps away.</summary>
    private double Nudged(double x) => Rounded(x) * (1 + Math.ScaleB(_random.Next(9) - 4, -format.Precision + _random.Next(8)));

    /// <summary>To the nearest number of the type, so that steps of its ulps stay steps.</summary>
    private double Rounded(double x) =>
        format == Format.Binary64 ? x
        : format == Format.Binary32 ? (float)x
        : format == Format.Binary16 ? (double)(Half)x : (double)(BFloat16)x;
}
