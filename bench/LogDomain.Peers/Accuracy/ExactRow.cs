namespace LogDomain.Peers.Accuracy;

/// <summary>What the operations should return for one row.</summary>
internal sealed class ExactRow
{
    private ExactRow(Exact logSumExp, Exact[] softMax, Exact[] logSoftMax)
    {
        LogSumExp = logSumExp;
        SoftMax = softMax;
        LogSoftMax = logSoftMax;
    }

    public Exact LogSumExp { get; }

    public Exact[] SoftMax { get; }

    public Exact[] LogSoftMax { get; }

    public static ExactRow Of(double[] row)
    {
        Exact max = Exact.From(row.Max());
        Exact[] shifted = [.. row.Select(x => Exact.From(x) - max)];
        Exact[] weights = [.. shifted.Select(Exact.Exp)];
        Exact sum = weights.Aggregate((x, y) => x + y);
        Exact log = Exact.Log(sum);
        Exact scale = Exact.Reciprocal(sum);
        return new ExactRow(max + log, [.. weights.Select(weight => weight * scale)], [.. shifted.Select(x => x - log)]);
    }
}
