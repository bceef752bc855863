using LogDomain.Losses;

namespace LogDomain.Tests.Oracle;

/// <summary>The density of a Gaussian mixture at a point as its definition has it, in exact numbers, and its derivatives.</summary>
/// <remarks>A logit of -infinity is a component that is not there.</remarks>
public sealed class ExactMixture
{
    private static readonly BigFloat TwoPi = BigFloat.Parse("6.28318530717958647692528676655900576839433879875021164194988918461563281257241799725606965068423413596429617302656461329418768921910116446");

    private readonly double[] _parameters, _point;
    private readonly int _components, _dimensions;
    private readonly CovarianceType _covariance;

    public ExactMixture(double[] logits, double[] means, double[] logScales, double[] point, CovarianceType covariance)
    {
        _parameters = [.. logits, .. means, .. logScales];
        _point = point;
        _components = logits.Length;
        _dimensions = point.Length;
        _covariance = covariance;
    }

    /// <summary>-log density.</summary>
    public BigFloat Loss() => Loss(-1).Value;

    /// <summary>The derivatives of the loss by logits, means and scales, one after the other.</summary>
    public BigFloat[] Gradient() => [.. Enumerable.Range(0, _parameters.Length).Select(i => double.IsInfinity(_parameters[i]) ? BigFloat.Zero : Loss(i).Derivative)];

    /// <summary>The probabilities of the components given the point.</summary>
    public BigFloat[] Responsibilities()
    {
        BigFloat[] joints = [.. Enumerable.Range(0, _components).Select(k => Joint(k, -1)?.Value ?? BigFloat.Zero)];
        BigFloat sum = joints.Aggregate((a, b) => a + b);
        return [.. joints.Select(joint => joint / sum)];
    }

    /// <summary>
    /// The largest number that is added up in any component that has a thousandth of the density: what roundings of a sum in double are relative to. In the components' own
    /// terms: distance of the logit from the largest, log-scales, halves of squares, and the derivatives' factors, the squares themselves.
    /// </summary>
    public double LargestTerm()
    {
        BigFloat[] responsibilities = Responsibilities();
        double maxLogit = _parameters.Take(_components).Max(), largest = 1;
        for (int k = 0; k < _components; k++)
        {
            if (responsibilities[k].ToDouble() > 1e-3)
            {
                _ = Joint(k, -1, out double squares, out double logDeviations);
                largest = Math.Max(largest, Math.Max(maxLogit - _parameters[k], Math.Max(squares, logDeviations)));
            }
        }

        return largest;
    }

    private Dual Loss(int variable)
    {
        Dual weights = Dual.Constant(0), joints = Dual.Constant(0);
        for (int k = 0; k < _components; k++)
        {
            if (Joint(k, variable) is Dual joint)
            {
                weights += Dual.Exp(Parameter(k, variable));
                joints += joint;
            }
        }

        BigFloat constant = BigFloat.Log(TwoPi) * BigFloat.From(0.5 * _dimensions);
        return Dual.Log(weights) - Dual.Log(joints) + new Dual(constant, BigFloat.Zero);
    }

    /// <summary>e^logit N(x), without the powers of 2 pi; null where the logit is -infinity.</summary>
    private Dual? Joint(int k, int variable) => Joint(k, variable, out _, out _);

    private Dual? Joint(int k, int variable, out double squares, out double logDeviations)
    {
        squares = logDeviations = 0;
        if (double.IsNegativeInfinity(_parameters[k]))
        {
            return null;
        }

        Dual exponent = Parameter(k, variable);
        Dual[] z = new Dual[_dimensions];
        for (int i = 0; i < _dimensions; i++)
        {
            Dual rest = Dual.Constant(_point[i]) - Parameter(_components + (k * _dimensions) + i, variable), logDeviation;
            if (_covariance is CovarianceType.Full or CovarianceType.Tied)
            {
                for (int j = 0; j < i; j++)
                {
                    rest -= Parameter(Triangle(k, i, j), variable) * z[j];
                }

                logDeviation = Parameter(Triangle(k, i, i), variable);
            }
            else
            {
                logDeviation = Parameter((_components * (1 + _dimensions)) + (_covariance == CovarianceType.Spherical ? k : (k * _dimensions) + i), variable);
            }

            z[i] = rest / Dual.Exp(logDeviation);
            squares += (z[i].Value * z[i].Value).ToDouble();
            logDeviations += Math.Abs(logDeviation.Value.ToDouble());
            exponent = exponent - logDeviation - (z[i] * z[i] * Dual.Constant(0.5));
        }

        return Dual.Exp(exponent);
    }

    private int Triangle(int k, int i, int j) =>
        (_components * (1 + _dimensions)) + (_covariance == CovarianceType.Tied ? 0 : k * _dimensions * (_dimensions + 1) / 2) + (i * (i + 1) / 2) + j;

    private Dual Parameter(int index, int variable) => index == variable ? Dual.Variable(_parameters[index]) : Dual.Constant(_parameters[index]);
}
