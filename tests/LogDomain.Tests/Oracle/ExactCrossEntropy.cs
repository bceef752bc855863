using LogDomain.Losses;

namespace LogDomain.Tests.Oracle;

/// <summary>
/// Cross-entropy with every option, of one row: from its definition, <c>sum q (lse - z) + zLoss lse^2</c> with <c>z = softcap tanh(x / softcap) / temperature</c>.
/// </summary>
public sealed class ExactCrossEntropy
{
    private readonly DoubleDouble[] _slopes, _shares, _weights;
    private readonly DoubleDouble[] _distances;
    private readonly DoubleDouble _zLoss, _max, _others, _total;
    private readonly int _place;

    /// <summary>Takes a row of logits, the target's probabilities, and what the options say of them; the reduction and the weights of rows play no part.</summary>
    public ExactCrossEntropy(double[] x, double[] target, CrossEntropyOptions options)
    {
        int n = x.Length;
        DoubleDouble smoothing = DoubleDouble.From(options.LabelSmoothing), classes = DoubleDouble.From(n);
        _zLoss = DoubleDouble.From(options.ZLoss);
        (DoubleDouble Value, DoubleDouble Slope)[] logits = [.. x.Select(v => Transform(v, options))];
        _slopes = [.. logits.Select(z => z.Slope)];
        for (int j = 1; j < n; j++)
            _place = logits[j].Value > logits[_place].Value ? j : _place;

        // All but one maximum is the tail, of which log1p is taken.
        _max = logits[_place].Value;
        _distances = [.. logits.Select(z => z.Value.IsNegativeInfinity ? DoubleDouble.NegativeInfinity : _max - z.Value)];
        _weights = [.. _distances.Select(d => d.IsNegativeInfinity ? DoubleDouble.Zero : DoubleDouble.Exp(-d))];
        for (int j = 0; j < n; j++)
            _others += j == _place ? DoubleDouble.Zero : _weights[j];

        _shares = [.. target.Select((t, j) => Weight(options, j) * Smooth(DoubleDouble.From(t), smoothing, classes, options.LabelSmoothingConvention))];
        foreach (DoubleDouble share in _shares)
            _total += share;
    }

    private DoubleDouble LogSumExp => _max + DoubleDouble.Log1p(_others);

    /// <summary>The loss of the row, in which no class with a share may have a logit of -infinity.</summary>
    public DoubleDouble Loss
    {
        get
        {
            DoubleDouble loss = (_zLoss * LogSumExp * LogSumExp) + (_total * DoubleDouble.Log1p(_others));
            for (int j = 0; j < _shares.Length; j++)
                loss += _shares[j].Sign == 0 ? DoubleDouble.Zero : _shares[j] * _distances[j];

            return loss;
        }
    }

    /// <summary>
    /// The derivative by x_j, and how large its parts are together: of the maximum, if it is the class of the row, those without what it has in common
    /// with its share.
    /// </summary>
    public (DoubleDouble Value, double Size) Gradient(int j, bool isClass)
    {
        DoubleDouble sum = DoubleDouble.One + _others, probability = _weights[j] / sum;
        DoubleDouble z = DoubleDouble.From(2) * _zLoss * LogSumExp * probability;

        // At the maximum (Q - q) - Q (1 - p).
        DoubleDouble value = j == _place ? (_total - _shares[j]) - (_total * _others / sum) : (_total * probability) - _shares[j];
        DoubleDouble parts = j == _place && isClass
            ? DoubleDouble.Abs(_total - _shares[j]) + DoubleDouble.Abs(_total * _others / sum)
            : DoubleDouble.Abs(_total * probability) + DoubleDouble.Abs(_shares[j]);
        return ((value + z) * _slopes[j], ((parts + DoubleDouble.Abs(z)) * _slopes[j]).ToDouble());
    }

    private static DoubleDouble Weight(CrossEntropyOptions options, int j) =>
        options.ClassWeights.IsEmpty ? DoubleDouble.One : DoubleDouble.From(options.ClassWeights.Span[j]);

    private static DoubleDouble Smooth(DoubleDouble t, DoubleDouble s, DoubleDouble classes, LabelSmoothingConvention convention)
    {
        if (convention == LabelSmoothingConvention.AllClasses)
            return (t * (DoubleDouble.One - s)) + (s / classes);

        return classes == DoubleDouble.One ? t : (t * (DoubleDouble.One - s)) + ((DoubleDouble.One - t) * s / (classes - DoubleDouble.One));
    }

    private static (DoubleDouble Value, DoubleDouble Slope) Transform(double x, CrossEntropyOptions options)
    {
        DoubleDouble temperature = DoubleDouble.From(options.Temperature);
        if (options.Softcap is not double softcap)
            return (double.IsNegativeInfinity(x) ? DoubleDouble.NegativeInfinity : DoubleDouble.From(x) / temperature, DoubleDouble.One / temperature);

        DoubleDouble cap = DoubleDouble.From(softcap), two = DoubleDouble.From(2);
        DoubleDouble e = DoubleDouble.Expm1(two * DoubleDouble.From(Math.Min(Math.Abs(x), 300 * softcap)) / cap), tanh = e / (e + two);
        DoubleDouble slope = DoubleDouble.From(4) * (e + DoubleDouble.One) / ((e + two) * (e + two));
        return ((x < 0 ? -tanh : tanh) * cap / temperature, slope / temperature);
    }
}
