namespace LogDomain.Sequences;

/// <summary>Weights, means and covariances of observations that belong to states in parts. Missing ones do not count.</summary>
internal sealed class WeightedMoments
{
    private readonly int _states, _dimensions;

    public WeightedMoments(int states, int dimensions, ReadOnlySpan<double> observations, ReadOnlySpan<double> weights)
    {
        (_states, _dimensions) = (states, dimensions);
        Totals = new double[states];
        Means = new double[states * dimensions];
        for (int t = 0; t < observations.Length / dimensions; t++)
        {
            ReadOnlySpan<double> row = observations.Slice(t * dimensions, dimensions);
            for (int k = 0; k < states && !IsMissing(row); k++)
            {
                double weight = weights[(t * states) + k];
                Totals[k] += weight;
                for (int d = 0; d < dimensions; d++)
                {
                    Means[(k * dimensions) + d] = Math.FusedMultiplyAdd(weight, row[d], Means[(k * dimensions) + d]);
                }
            }
        }

        for (int i = 0; i < Means.Length; i++)
        {
            Means[i] /= Totals[i / dimensions];
        }
    }

    public double[] Totals { get; }

    public double[] Means { get; }

    public static bool IsMissing(ReadOnlySpan<double> observation)
    {
        bool isMissing = false;
        foreach (double value in observation)
        {
            isMissing |= double.IsNaN(value);
        }

        return isMissing;
    }

    /// <summary>The covariance matrix of each state, around its mean.</summary>
    public double[] Covariances(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights)
    {
        int size = _dimensions * _dimensions;
        double[] covariances = new double[_states * size], distance = new double[_dimensions];
        for (int t = 0; t < observations.Length / _dimensions; t++)
        {
            ReadOnlySpan<double> row = observations.Slice(t * _dimensions, _dimensions);
            for (int k = 0; k < _states && !IsMissing(row); k++)
            {
                double weight = weights[(t * _states) + k];
                for (int d = 0; d < _dimensions && weight > 0; d++)
                {
                    distance[d] = row[d] - Means[(k * _dimensions) + d];
                    for (int e = 0; e <= d; e++)
                    {
                        int index = (k * size) + (d * _dimensions) + e;
                        covariances[index] = Math.FusedMultiplyAdd(weight * distance[d], distance[e], covariances[index]);
                    }
                }
            }
        }

        for (int k = 0; k < _states; k++)
        {
            for (int d = 0; d < _dimensions; d++)
            {
                for (int e = 0; e <= d; e++)
                {
                    int index = (k * size) + (d * _dimensions) + e;
                    covariances[index] /= Totals[k];
                    covariances[(k * size) + (e * _dimensions) + d] = covariances[index];
                }
            }
        }

        return covariances;
    }
}
