namespace SoftMaxRegression;

/// <summary>D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1, with its constants but for the rate, which is 0.01 here unless it is given.</summary>
internal sealed class Adam(int length, double rate = 0.01)
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly double[] _mean = new double[length], _square = new double[length];
    private double _power1 = 1, _power2 = 1;

    public void Step(double[] weights, double[] gradient)
    {
        _power1 *= Beta1;
        _power2 *= Beta2;
        for (int i = 0; i < weights.Length; i++)
        {
            _mean[i] = (Beta1 * _mean[i]) + ((1 - Beta1) * gradient[i]);
            _square[i] = (Beta2 * _square[i]) + ((1 - Beta2) * gradient[i] * gradient[i]);
            weights[i] -= rate * _mean[i] / (1 - _power1) / (Math.Sqrt(_square[i] / (1 - _power2)) + Epsilon);
        }
    }
}
