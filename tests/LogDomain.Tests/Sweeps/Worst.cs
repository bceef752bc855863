namespace LogDomain.Tests.Sweeps;

/// <summary>The largest error that a sweep has seen, in ulps, and where.</summary>
internal sealed class Worst(string name, double limit)
{
    public string Name { get; } = name;

    /// <summary>The largest error that is allowed.</summary>
    public double Limit { get; } = limit;

    public long Inputs { get; private set; }

    public double Ulps { get; private set; } = -1;

    public string Argument { get; private set; } = "";

    public bool IsWithinLimit => Inputs > 0 && Ulps <= Limit;

    public void Count(long inputs) => Inputs += inputs;

    /// <summary>Whether the error is the largest so far; then <see cref="Set"/> says where. NaN is the largest of all.</summary>
    public bool IsLarger(double ulps) => !(ulps <= Ulps) && !double.IsPositiveInfinity(Ulps);

    public void Set(double ulps, string argument)
    {
        Ulps = double.IsNaN(ulps) ? double.PositiveInfinity : ulps;
        Argument = argument;
    }

    public void Merge(Worst other)
    {
        Inputs += other.Inputs;
        if (other.Inputs > 0 && IsLarger(other.Ulps))
            Set(other.Ulps, other.Argument);
    }

    public override string ToString() => $"{Name,-44} {Inputs,15:N0} {Ulps,10:G4} of {Limit,-6:G4} {Argument}";
}
