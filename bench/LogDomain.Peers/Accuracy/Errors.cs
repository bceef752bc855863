namespace LogDomain.Peers.Accuracy;

/// <summary>What one library got wrong, row after row.</summary>
internal sealed class Errors(ElementType type)
{
    private MaxError _logSumExp = new(), _softMax = new(), _subnormalSoftMax = new(), _logSoftMax = new();
    private int _zeroed, _notFinite;

    public static string[] Heads => ["LogSumExp", "SoftMax", "SoftMax, subnormal results", "LogSoftMax", "log-probabilities that came out as 0", "not finite"];

    public IEnumerable<string> Cells =>
        [Text(_logSumExp), Text(_softMax), Text(_subnormalSoftMax), Text(_logSoftMax), $"{_zeroed}", $"{_notFinite}"];

    public void AddLogSumExp(Exact exact, double value) => Add(ref _logSumExp, exact, value);

    /// <summary>Results below the smallest normal number count apart: many libraries flush them to zero.</summary>
    public void AddSoftMax(Exact exact, double value) =>
        Add(ref exact.Magnitude < type.MinExponent ? ref _subnormalSoftMax : ref _softMax, exact, value);

    public void AddLogSoftMax(Exact exact, double value)
    {
        Add(ref _logSoftMax, exact, value);
        if (value == 0 && !exact.Mantissa.IsZero)
        {
            _zeroed++;
        }
    }

    private static string Text(MaxError error) => Report.Number(error.Ulps, error.Ulps < 100 ? "0.00" : "0.0E0");

    private void Add(ref MaxError error, Exact exact, double value)
    {
        if (double.IsFinite(value))
        {
            error.Add(exact.UlpsFrom(value, type));
        }
        else
        {
            _notFinite++;
        }
    }
}
