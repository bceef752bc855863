namespace LogDomain.Sequences;

/// <summary>A hidden Markov model that takes observations as they come: <see cref="HiddenMarkovModel.StartFilter"/>.</summary>
public sealed class HiddenMarkovFilter
{
    private readonly HiddenMarkovModel _model;
    private readonly double[] _logs, _scratch, _likelihoods;

    internal HiddenMarkovFilter(HiddenMarkovModel model)
    {
        _model = model;
        _logs = model.LogStart.ToArray();
        _scratch = new double[model.States];
        _likelihoods = new double[model.States];
    }

    /// <summary>Observations until now.</summary>
    public long Count { get; private set; }

    /// <summary>The log-likelihood of all observations until now.</summary>
    public double LogLikelihood { get; private set; }

    /// <summary>The logarithm of the probability of each state given all observations until now; before the first that of the start. -infinity everywhere once they are impossible.</summary>
    public ReadOnlySpan<double> LogProbabilities => _logs;

    /// <summary>Takes the next observation.</summary>
    /// <param name="observation">A row; NaN if it is missing.</param>
    /// <returns>The logarithm of its probability or density given those before.</returns>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    public double Update(ReadOnlySpan<double> observation)
    {
        LogPrimitives.CheckCount(observation.Length, _model.Emissions.Dimensions, nameof(observation));
        _model.Emissions.LogLikelihoods(observation, _likelihoods);
        if (Count > 0)
        {
            Predict(_likelihoods);
        }
        else
        {
            for (int j = 0; j < _logs.Length; j++)
            {
                _likelihoods[j] += _logs[j];
            }
        }

        Count++;
        double sum = LogPrimitives.LogSumExp<double>(_likelihoods);
        if (double.IsNegativeInfinity(sum))
        {
            Array.Fill(_logs, sum);
        }
        else
        {
            LogPrimitives.LogSoftMax<double>(_likelihoods, _logs);
        }

        LogLikelihood += sum;
        return sum;
    }

    /// <summary>Adds the logarithm of the probability of each state to come.</summary>
    private void Predict(double[] scores)
    {
        int states = _logs.Length;
        for (int j = 0; j < states; j++)
        {
            for (int i = 0; i < states; i++)
            {
                _scratch[i] = _logs[i] + _model.LogTransitions[(i * states) + j];
            }

            scores[j] += LogPrimitives.LogSumExp<double>(_scratch);
        }
    }
}
