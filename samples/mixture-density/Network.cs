using LogDomain;
using LogDomain.Losses;

namespace MixtureDensityNetwork;

/// <summary>
/// A network with one hidden layer of tanh whose outputs are the parameters of a Gaussian mixture: logits, means and log-scales. Its loss and the gradient by its outputs are
/// <see cref="MixtureDensity"/>; the rest of the gradient is the chain rule, written out.
/// </summary>
internal sealed class Network
{
    private const double FirstRate = 0.01, FirstDecay = 0.9, SecondDecay = 0.999;   // Kingma and Ba 2015

    private static readonly MixtureDensityOptions OneThread = new() { MaxDegreeOfParallelism = 1 };   // a thousand rows are soon done

    private readonly int _components, _hidden, _outputs;

    /// <summary>Slopes and offsets of the hidden units, then for each output its weights and its offset.</summary>
    private readonly double[] _parameters, _gradient, _firstMoments, _secondMoments;

    // What one pass leaves for the next, for as many points as there were: hidden units, the derivatives by them, and logits, means and log-scales.
    private double[] _units = [], _byUnits = [];
    private double[][] _parts = [];
    private int _step;

    public Network(int components, int hidden, int seed)
    {
        (_components, _hidden, _outputs) = (components, hidden, 3 * components);
        _parameters = new double[(2 * hidden) + (_outputs * (hidden + 1))];
        (_gradient, _firstMoments, _secondMoments) = (new double[_parameters.Length], new double[_parameters.Length], new double[_parameters.Length]);
        Random random = new(seed);
        for (int h = 0; h < hidden; h++)
        {
            _parameters[h] = 8 * (random.NextDouble() - 0.5);
            _parameters[hidden + h] = -_parameters[h] * random.NextDouble();   // each bends somewhere between x = 0 and x = 1
        }

        for (int output = 0; output < _outputs; output++)
        {
            for (int h = 0; h < hidden; h++)
            {
                _parameters[Weights(output) + h] = 0.4 * (random.NextDouble() - 0.5);
            }
        }

        for (int k = 0; k < components; k++)
        {
            _parameters[Weights(components + k) + hidden] = (k + 0.5) / components;   // means apart, or all components would learn the same
            _parameters[Weights((2 * components) + k) + hidden] = -1;
        }
    }

    /// <summary>The mean loss of the points.</summary>
    public double Loss(double[] x, double[] t)
    {
        (double[] logits, double[] means, double[] logScales) = Outputs(x);
        return MixtureDensity.Loss<double>(logits, means, logScales, t);
    }

    /// <summary>Minus the loss of each point.</summary>
    public double[] LogDensity(double[] x, double[] t)
    {
        (double[] logits, double[] means, double[] logScales) = Outputs(x);
        double[] losses = new double[x.Length];
        MixtureDensity.LossPerRow<double>(logits, means, logScales, t, losses);
        return [.. losses.Select(loss => -loss)];
    }

    /// <summary>One draw of t for each x.</summary>
    public double[] Sample(double[] x, ulong seed)
    {
        (double[] logits, double[] means, double[] logScales) = Outputs(x);
        double[] t = new double[x.Length];
        MixtureDensity.Sample<double>(logits, means, logScales, seed, t);
        return t;
    }

    /// <summary>Weights and means, by their means.</summary>
    public IEnumerable<(double Weight, double Mean)> ComponentsAt(double x)
    {
        (double[] logits, double[] means, _) = Outputs([x]);
        double[] weights = new double[_components];
        LogPrimitives.SoftMax<double>(logits, weights);
        return weights.Zip(means).OrderBy(component => component.Second);
    }

    /// <summary>Steps of Adam on all points at once; the rate falls as one over the root of the step.</summary>
    public void Train(double[] x, double[] t, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Differentiate(x, t);
            _step++;
            double rate = FirstRate / Math.Sqrt(1 + (_step / 500.0));
            double firstBias = 1 - Math.Pow(FirstDecay, _step), secondBias = 1 - Math.Pow(SecondDecay, _step);
            for (int p = 0; p < _parameters.Length; p++)
            {
                _firstMoments[p] = (FirstDecay * _firstMoments[p]) + ((1 - FirstDecay) * _gradient[p]);
                _secondMoments[p] = (SecondDecay * _secondMoments[p]) + ((1 - SecondDecay) * _gradient[p] * _gradient[p]);
                _parameters[p] -= rate * (_firstMoments[p] / firstBias) / (Math.Sqrt(_secondMoments[p] / secondBias) + 1e-8);
            }
        }
    }

    private int Weights(int output) => (2 * _hidden) + (output * (_hidden + 1));

    /// <summary>The parameters of the mixture of every x.</summary>
    private (double[] Logits, double[] Means, double[] LogScales) Outputs(double[] x)
    {
        if (_units.Length != x.Length * _hidden)
        {
            (_units, _byUnits) = (new double[x.Length * _hidden], new double[x.Length * _hidden]);
            _parts = [new double[x.Length * _components], new double[x.Length * _components], new double[x.Length * _components]];
        }

        // tanh(a) = 2 sigmoid(2 a) - 1.
        double[] units = _units;
        for (int i = 0; i < x.Length; i++)
        {
            for (int h = 0; h < _hidden; h++)
            {
                units[(i * _hidden) + h] = 2 * ((_parameters[h] * x[i]) + _parameters[_hidden + h]);
            }
        }

        LogPrimitives.Sigmoid<double>(units, units);
        for (int j = 0; j < units.Length; j++)
        {
            units[j] = (2 * units[j]) - 1;
        }

        for (int output = 0; output < _outputs; output++)
        {
            ReadOnlySpan<double> weights = _parameters.AsSpan(Weights(output), _hidden + 1);
            for (int i = 0; i < x.Length; i++)
            {
                double sum = weights[_hidden];
                for (int h = 0; h < _hidden; h++)
                {
                    sum += weights[h] * units[(i * _hidden) + h];
                }

                _parts[output / _components][(i * _components) + (output % _components)] = sum;
            }
        }

        return (_parts[0], _parts[1], _parts[2]);
    }

    /// <summary>The gradient by all parameters: the loss gives that by the outputs in their own memory.</summary>
    private void Differentiate(double[] x, double[] t)
    {
        (double[] logits, double[] means, double[] logScales) = Outputs(x);
        _ = MixtureDensity.LossAndGradient<double>(logits, means, logScales, t, logits, means, logScales, OneThread);
        double[] units = _units, byUnits = _byUnits;
        Array.Clear(byUnits);
        Array.Clear(_gradient);
        for (int output = 0; output < _outputs; output++)
        {
            int weights = Weights(output);
            for (int i = 0; i < x.Length; i++)
            {
                double derivative = _parts[output / _components][(i * _components) + (output % _components)];
                _gradient[weights + _hidden] += derivative;
                for (int h = 0; h < _hidden; h++)
                {
                    _gradient[weights + h] += derivative * units[(i * _hidden) + h];
                    byUnits[(i * _hidden) + h] += derivative * _parameters[weights + h];
                }
            }
        }

        for (int i = 0; i < x.Length; i++)
        {
            for (int h = 0; h < _hidden; h++)
            {
                double unit = units[(i * _hidden) + h], derivative = byUnits[(i * _hidden) + h] * (1 - (unit * unit));
                _gradient[h] += derivative * x[i];
                _gradient[_hidden + h] += derivative;
            }
        }
    }
}
