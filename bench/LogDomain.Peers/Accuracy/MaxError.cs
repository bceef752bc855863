namespace LogDomain.Peers.Accuracy;

/// <summary>The largest of some errors; NaN while there is none.</summary>
internal struct MaxError
{
    public MaxError()
    {
    }

    public double Ulps { get; private set; } = double.NaN;

    public void Add(double ulps) => Ulps = double.MaxNumber(Ulps, ulps); // prefers a number to NaN
}
