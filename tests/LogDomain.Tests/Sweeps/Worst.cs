namespace LogDomain.Tests.Sweeps;

/// <summary>The largest error that a sweep has seen, in ulps, and where.</summary>
internal sealed class Worst(string name, double limit)
{
    private string? _text;
    private double _x, _y;

    public string Name { get; } = name;

    /// <summary>The largest error that is allowed.</summary>
    public double Limit { get; } = limit;

    public long Inputs { get; private set; }

    public double Ulps { get; private set; } = -1;

    public string Argument => _text ?? $"x = {_x:R}{(double.IsNaN(_y) ? "" : $", y = {_y:R}")}";

    public bool IsWithinLimit => Inputs > 0 && Ulps <= Limit;

    public void Count(long inputs) => Inputs += inputs;

    /// <summary>Whether the error is the largest so far; then it is to be set with where it was. NaN is the largest of all.</summary>
    public bool IsLarger(double ulps) => !(ulps <= Ulps) && !double.IsPositiveInfinity(Ulps);

    public void Set(double ulps, string argument)
    {
        Set(ulps);
        _text = argument;
    }

    /// <summary>Numbers, because in a sweep in order the error may grow a million times, and each time a text would cost more than the sweep.</summary>
    public void Set(double ulps, double x = double.NaN, double y = double.NaN)
    {
        Ulps = double.IsNaN(ulps) ? double.PositiveInfinity : ulps;
        (_text, _x, _y) = (null, x, y);
    }

    public void Merge(Worst other)
    {
        Inputs += other.Inputs;
        if (other.Inputs > 0 && IsLarger(other.Ulps))
            (Ulps, _text, _x, _y) = (other.Ulps, other._text, other._x, other._y);
    }

    public override string ToString() => $"{Name,-44} {Inputs,15:N0} {Ulps,10:G4} of {Limit,-6:G4} {Argument}";
}
