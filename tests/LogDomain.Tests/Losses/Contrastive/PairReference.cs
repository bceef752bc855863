using System.Numerics;

namespace LogDomain.Tests.Losses.Contrastive;

/// <summary>
/// Contrastive losses the plain way, in double, with the whole matrix of pairs; and how far those of sums of floats may be from them. A logit's error is that of the accumulation,
/// <c>features 2^-24 sum |a b|</c>, and of some roundings more; losses and derivatives follow from it.
/// </summary>
internal sealed class PairReference
{
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Roundings of a derivative beside those of logits.</summary>
    private const double Roundings = 16 * Unit;

    private readonly int _features;
    private readonly double _scale;
    private readonly double[] _queries, _keys, _queryLengths, _keyLengths;
    private readonly double[,] _dots, _errors;

    public PairReference(double[] queries, double[] keys, int features, double scale, double bias, bool normalize)
    {
        _features = features;
        _scale = scale;
        _queries = Normalize(queries, features, normalize, out _queryLengths);
        _keys = Normalize(keys, features, normalize, out _keyLengths);
        (Queries, Keys) = (queries.Length / features, keys.Length / features);
        _dots = new double[Queries, Keys];
        _errors = new double[Queries, Keys];
        Logits = new double[Queries, Keys];
        Derivatives = new double[Queries, Keys];
        Tolerances = new double[Queries, Keys];
        for (int i = 0; i < Queries; i++)
        {
            for (int j = 0; j < Keys; j++)
            {
                double sum = 0, absolute = 0;
                for (int k = 0; k < features; k++)
                {
                    double product = _queries[(i * features) + k] * _keys[(j * features) + k];
                    sum += product;
                    absolute += Math.Abs(product);
                }

                _dots[i, j] = sum;
                Logits[i, j] = (scale * sum) + bias;
                _errors[i, j] = (scale * (features + 6) * Unit * absolute) + (4 * Unit * (Math.Abs(Logits[i, j]) + Math.Abs(bias)));
            }
        }
    }

    public int Queries { get; }

    public int Keys { get; }

    public double[,] Logits { get; }

    /// <summary>Of the loss by each logit.</summary>
    public double[,] Derivatives { get; }

    public double[,] Tolerances { get; }

    /// <summary>Softmax of a row, or of a column; adds its derivatives. The mean over its positives of <c>lse - x</c>; 0 without positives.</summary>
    public (double Loss, double Tolerance) SoftMax(int index, bool isColumn, Func<int, bool> isPositive, Func<int, bool> isNegative, double weight)
    {
        int count = isColumn ? Queries : Keys;
        (int I, int J) Place(int other) => isColumn ? (other, index) : (index, other);
        double X(int other) => Logits[Place(other).I, Place(other).J];
        int[] positives = [.. Enumerable.Range(0, count).Where(isPositive)], negatives = [.. Enumerable.Range(0, count).Where(j => isNegative(j) && !isPositive(j))];
        if (positives.Length == 0)
            return (0, 0);

        double error = positives.Concat(negatives).Max(j => _errors[Place(j).I, Place(j).J]), growth = Math.Exp(2 * error) - 1;
        double ofPositives = LogSumExp(positives.Select(X)), ofNegatives = LogSumExp(negatives.Select(X)), difference = ofNegatives - ofPositives;
        bool isAlone = positives.Length == 1;
        double loss = (isAlone ? 0 : ofPositives - positives.Average(X)) + Softplus(difference), logSumExp = ofPositives + Softplus(difference);
        double missed = 1 / (1 + Math.Exp(-difference));
        foreach (int j in negatives)
            Add(Place(j), weight * Math.Exp(X(j) - logSumExp), growth + Roundings, 0);

        foreach (int j in positives)
        {
            double probability = Math.Exp(X(j) - logSumExp), share = 1.0 / positives.Length;
            if (isAlone)
                Add(Place(j), -weight * missed, growth + Roundings, 0);
            else
                Add(Place(j), weight * (probability - share), 0, weight * ((probability * growth) + ((probability + share) * Roundings)));
        }

        return (loss, Math.Min(isAlone ? growth * Math.Exp(difference) : double.PositiveInfinity, 2 * error) + (8 * Unit * loss));
    }

    /// <summary>Softplus of each logit of a row, of its negative for the positive; adds the derivatives.</summary>
    public (double Loss, double Tolerance) Sigmoid(int i, Func<int, bool> isNegative, double weight)
    {
        double loss = 0, tolerance = 0;
        for (int j = 0; j < Keys; j++)
        {
            int sign = i == j ? -1 : 1;
            if (i != j && !isNegative(j))
                continue;

            double x = sign * Logits[i, j], each = Softplus(x), sigmoid = 1 / (1 + Math.Exp(-x)), growth = Math.Exp(_errors[i, j]) - 1;
            loss += each;
            tolerance += (growth * Math.Min(1, 2 * sigmoid)) + (140 * Unit * each);
            Add((i, j), sign * weight * sigmoid, growth + Roundings, 0);
        }

        return (loss, tolerance);
    }

    public (double[] Values, double[] Tolerances) QueriesGradient() => Gradient(_queries, _queryLengths, _keys, Queries, Keys, (i, j) => (i, j));

    public (double[] Values, double[] Tolerances) KeysGradient() => Gradient(_keys, _keyLengths, _queries, Keys, Queries, (j, i) => (i, j));

    /// <summary>Of queries that are the keys, too.</summary>
    public (double[] Values, double[] Tolerances) SharedGradient()
    {
        (double[] queries, double[] queryTolerances) = QueriesGradient();
        (double[] keys, double[] keyTolerances) = KeysGradient();
        return ([.. queries.Zip(keys, (a, b) => a + b)], [.. queryTolerances.Zip(keyTolerances, (a, b) => a + b)]);
    }

    public (double Value, double Tolerance) ScaleGradient()
    {
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < Queries; i++)
        {
            for (int j = 0; j < Keys; j++)
            {
                sum += Derivatives[i, j] * _dots[i, j];
                tolerance += (Tolerances[i, j] * Math.Abs(_dots[i, j])) + (Math.Abs(Derivatives[i, j]) * ((_errors[i, j] / _scale) + (140 * Unit * Math.Abs(_dots[i, j]))));
            }
        }

        return (sum, tolerance);
    }

    public (double Value, double Tolerance) BiasGradient()
    {
        (double sum, double tolerance) = (0, 0);
        for (int i = 0; i < Queries; i++)
        {
            for (int j = 0; j < Keys; j++)
            {
                sum += Derivatives[i, j];
                tolerance += Tolerances[i, j] + (140 * Unit * Math.Abs(Derivatives[i, j]));
            }
        }

        return (sum, tolerance);
    }

    public static void AssertNear<T>((double[] Values, double[] Tolerances) expected, ReadOnlySpan<T> actual, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Values.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
            AssertNear((expected.Values[i], expected.Tolerances[i]), actual[i], $"{what}, element {i}");
    }

    public static void AssertNear<T>((double Value, double Tolerance) expected, T actual, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Half an ulp of the type, where results are rounded to it.
        double half = 0.51 * Math.Max(double.CreateTruncating(T.BitIncrement(T.One) - T.One) * Math.Abs(expected.Value), double.CreateTruncating(T.Epsilon));
        double tolerance = expected.Tolerance + half + (2 * float.Epsilon), error = Math.Abs(double.CreateTruncating(actual) - expected.Value);
        Assert.True(error <= tolerance, $"{what} is {actual}, but {expected.Value:R} was expected, within {tolerance:E2}; the error is {error:E2}.");
    }

    private (double[] Values, double[] Tolerances) Gradient(double[] own, double[] lengths, double[] others, int rows, int columns, Func<int, int, (int I, int J)> place)
    {
        double[] values = new double[own.Length], tolerances = new double[own.Length];
        for (int row = 0; row < rows; row++)
        {
            double[] g = new double[_features], t = new double[_features];
            for (int column = 0; column < columns; column++)
            {
                (int i, int j) = place(row, column);
                double derivative = _scale * Derivatives[i, j], tolerance = (_scale * Tolerances[i, j]) + (Math.Abs(derivative) * (Roundings + (columns * Unit)));
                for (int k = 0; k < _features; k++)
                {
                    double other = others[(column * _features) + k];
                    g[k] += derivative * other;
                    t[k] += tolerance * Math.Abs(other);
                }
            }

            (double along, double absolute, double toleranceAlong) = (0, 0, 0);
            for (int k = 0; k < _features && lengths.Length != 0; k++)
            {
                double unit = own[(row * _features) + k];
                along += unit * g[k];
                absolute += Math.Abs(unit * g[k]);
                toleranceAlong += Math.Abs(unit) * t[k];
            }

            for (int k = 0; k < _features; k++)
            {
                double unit = own[(row * _features) + k], inverse = lengths.Length == 0 ? 1 : lengths[row] == 0 ? 0 : 1 / lengths[row];
                values[(row * _features) + k] = (g[k] - (unit * along)) * inverse;
                tolerances[(row * _features) + k] = (t[k] + (Math.Abs(unit) * (toleranceAlong + (4 * Unit * absolute))) + (2 * Unit * Math.Abs(g[k]))) * inverse;
            }
        }

        return (values, tolerances);
    }

    /// <summary>A derivative with a relative and an absolute tolerance. Below the smallest float it is 0 or that.</summary>
    private void Add((int I, int J) place, double derivative, double relative, double absolute)
    {
        Derivatives[place.I, place.J] += derivative;
        Tolerances[place.I, place.J] += (Math.Abs(derivative) * relative) + absolute + float.Epsilon;
    }

    private static double[] Normalize(double[] rows, int features, bool normalize, out double[] lengths)
    {
        lengths = [];
        if (!normalize)
            return rows;

        double[] units = new double[rows.Length], all = new double[rows.Length / features];
        for (int row = 0; row < all.Length; row++)
        {
            all[row] = Math.Sqrt(rows[(row * features)..((row + 1) * features)].Sum(x => x * x));
            for (int k = 0; k < features && all[row] != 0; k++)
                units[(row * features) + k] = rows[(row * features) + k] / all[row];
        }

        lengths = all;
        return units;
    }

    private static double LogSumExp(IEnumerable<double> logits)
    {
        double[] all = [.. logits];
        double max = all.Length == 0 ? double.NegativeInfinity : all.Max();
        return double.IsNegativeInfinity(max) ? max : max + Math.Log(all.Sum(x => Math.Exp(x - max)));
    }

    private static double Softplus(double x)
    {
        // log(1 + z), by Kahan: what 1 + z has lost is in the quotient.
        double z = Math.Exp(-Math.Abs(x)), sum = 1 + z;
        return Math.Max(x, 0) + (sum == 1 ? z : Math.Log(sum) * z / (sum - 1));
    }
}
