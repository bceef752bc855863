namespace LogDomain.Cli.Evaluation;

/// <summary>One of the bins of confidence, (lower, upper].</summary>
internal readonly record struct Bin(long Count, double MeanConfidence, double Accuracy);

/// <summary>Confidence and correctness by bin of confidence, while they are counted.</summary>
internal sealed class Calibration
{
    private const int Bins = 15;

    private readonly long[] _count = new long[Bins], _correct = new long[Bins];
    private readonly Total[] _confidence = new Total[Bins];

    public void Add(double confidence, bool correct)
    {
        int bin = Math.Clamp((int)Math.Ceiling(confidence * Bins) - 1, 0, Bins - 1);
        _count[bin]++;
        _correct[bin] += correct ? 1 : 0;
        _confidence[bin] += confidence;
    }

    public void Add(Calibration other)
    {
        for (int bin = 0; bin < Bins; bin++)
        {
            _count[bin] += other._count[bin];
            _correct[bin] += other._correct[bin];
            _confidence[bin] += other._confidence[bin];
        }
    }

    public Bin[] ToBins() => [.. Enumerable.Range(0, Bins).Select(b =>
        _count[b] == 0 ? default : new Bin(_count[b], _confidence[b].Value / _count[b], _correct[b] / (double)_count[b]))];
}
