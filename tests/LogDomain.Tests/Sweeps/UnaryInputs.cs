using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>Numbers inside the domain of a function: of every size, dense around the special points and the ends of the domain.</summary>
internal sealed class UnaryInputs(UnaryFunction function, ulong seed, Format format)
{
    private readonly RandomBits _random = new(seed);

    public double Next()
    {
        while (true)
        {
            double x = Any();
            if (function.Has(x))
                return x;
        }
    }

    private double Any()
    {
        switch (_random.Next(8))
        {
            case 0:
                return _random.NextLogUniform(format);
            case 1 or 2:
                return _random.NextLogUniform(-60, 10);
            case 3:
                return 100 * (_random.NextDouble() - 0.5);
            case 4:
                return 3 * (_random.NextDouble() - 0.5);
            case 5:
                // From the ends of the domain inwards; where they are infinite, from 1 on.
                double distance = Math.Abs(_random.NextLogUniform(-60, -1));
                return _random.Next(2) == 0
                    ? (double.IsFinite(function.Low) ? function.Low : 1) + distance
                    : (double.IsFinite(function.High) ? function.High : 1) - distance;
            default:
                double point = UnaryFunction.Points[_random.Next(UnaryFunction.Points.Count)];
                return point + (point * _random.NextLogUniform(-54, -3));
        }
    }
}
