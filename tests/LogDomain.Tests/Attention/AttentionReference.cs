using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>Attention as it is written on paper, in double: the whole matrix of scores, each option for itself, nothing skipped. And the same in float, as one would write it without care.</summary>
internal sealed class AttentionReference
{
    private readonly AttentionShape _shape;
    private readonly AttentionOptions _options;
    private readonly double[] _query, _key, _value;
    private readonly int _position;
    private readonly IAttentionScore? _score;
    private readonly double[][] _weights;

    public AttentionReference(double[] query, double[] key, double[] value, in AttentionShape shape, AttentionOptions? options = null, IAttentionScore? score = null)
    {
        (_query, _key, _value, _shape, _options, _score) = (query, key, value, shape, options ?? new(), score);
        _position = _options.QueryPosition ?? (_options.Alignment == CausalAlignment.BottomRight ? shape.KeyLength - shape.QueryLength : 0);
        int rows = shape.Batch * shape.Heads * shape.QueryLength;
        Output = new double[rows * shape.ValueSize];
        LogSumExp = new double[rows];
        _weights = new double[rows][];
        for (int row = 0; row < rows; row++)
        {
            double[] p = _weights[row] = Weights(row);
            for (int key2 = 0; key2 < shape.KeyLength; key2++)
            {
                for (int i = 0; i < shape.ValueSize && p[key2] != 0; i++)
                {
                    Output[(row * shape.ValueSize) + i] += p[key2] * value[(KeyRow(row, key2) * shape.ValueSize) + i];
                }
            }
        }
    }

    public double[] Output { get; }

    public double[] LogSumExp { get; }

    /// <summary>Gradients by the chain rule, through the whole Jacobian of the softmax.</summary>
    public (double[] Query, double[] Key, double[] Value) Gradients(double[] outputGradient, double[] logSumExpGradient)
    {
        double[] dQ = new double[_query.Length], dK = new double[_key.Length], dV = new double[_value.Length];
        int d = _shape.HeadSize, e = _shape.ValueSize;
        for (int row = 0; row < LogSumExp.Length; row++)
        {
            double[] p = _weights[row], dP = new double[p.Length];
            double mean = 0;
            for (int key = 0; key < p.Length; key++)
            {
                for (int i = 0; i < e && p[key] != 0; i++)
                {
                    dP[key] += outputGradient[(row * e) + i] * _value[(KeyRow(row, key) * e) + i];
                    dV[(KeyRow(row, key) * e) + i] += p[key] * outputGradient[(row * e) + i];
                }

                mean += p[key] * dP[key];
            }

            for (int key = 0; key < p.Length; key++)
            {
                double dS = p[key] == 0 ? 0 : p[key] * (dP[key] - mean + logSumExpGradient[row]) * Slope(row, key);
                for (int i = 0; i < d && dS != 0; i++)
                {
                    dQ[(row * d) + i] += dS * _key[(KeyRow(row, key) * d) + i];
                    dK[(KeyRow(row, key) * d) + i] += dS * _query[(row * d) + i];
                }
            }
        }

        return (dQ, dK, dV);
    }

    /// <summary>Gradients by what is added to scores and by the sinks, by the chain rule.</summary>
    public (double[] Bias, double[] Slopes, double[] Sinks) OptionGradients(double[] outputGradient, double[] logSumExpGradient)
    {
        double[] bias = new double[(_options.Bias?.Values ?? default).Length], slopes = new double[_options.AlibiSlopes.Length], sinks = new double[_options.Sinks.Length];
        int e = _shape.ValueSize;
        for (int row = 0; row < LogSumExp.Length; row++)
        {
            (int batch, int head, int query) = Place(row);
            double[] p = _weights[row], dP = new double[p.Length];
            double mean = 0;
            for (int key = 0; key < p.Length; key++)
            {
                for (int i = 0; i < e && p[key] != 0; i++)
                    dP[key] += outputGradient[(row * e) + i] * _value[(KeyRow(row, key) * e) + i];

                mean += p[key] * dP[key];
            }

            for (int key = 0; key < p.Length; key++)
            {
                double dS = p[key] == 0 ? 0 : p[key] * (dP[key] - mean + logSumExpGradient[row]);
                dS *= dS == 0 || _score == null ? 1 : _score.Derivative(BeforeFunction(row, key), batch, head, query, key);
                if (_options.Bias is ScoreGrid<float> grid)
                    bias[IndexOf(grid, batch, head, query, key)] += dS;

                if (slopes.Length > 0)
                    slopes[head] -= Math.Abs(_position + query - key) * dS;
            }

            if (sinks.Length > 0 && !double.IsNegativeInfinity(LogSumExp[row]))
                sinks[head] += Math.Exp(_options.Sinks.Span[head] - LogSumExp[row]) * (logSumExpGradient[row] - mean);
        }

        return (bias, slopes, sinks);
    }

    private (int Batch, int Head, int Query) Place(int row) => (row / _shape.QueryLength / _shape.Heads, row / _shape.QueryLength % _shape.Heads, row % _shape.QueryLength);

    private int KeyRow(int row, int key)
    {
        (int batch, int head, _) = Place(row);
        return (((batch * _shape.KeyValueHeads) + (head / (_shape.Heads / _shape.KeyValueHeads))) * _shape.KeyLength) + key;
    }

    private double Dot(int row, int key)
    {
        double sum = 0;
        for (int i = 0; i < _shape.HeadSize; i++)
        {
            sum += _query[(row * _shape.HeadSize) + i] * _key[(KeyRow(row, key) * _shape.HeadSize) + i];
        }

        return sum;
    }

    private double Scale => _options.Scale ?? (1 / Math.Sqrt(_shape.HeadSize));

    private double BeforeFunction(int row, int key)
    {
        (int batch, int head, int query) = Place(row);
        double x = Dot(row, key) * Scale;
        x = _options.Softcap is double cap ? cap * Math.Tanh(x / cap) : x;
        x -= _options.AlibiSlopes.IsEmpty ? 0 : _options.AlibiSlopes.Span[head] * (double)Math.Abs(_position + query - key);
        return x + (_options.Bias is ScoreGrid<float> bias ? At(bias, batch, head, query, key) : 0);
    }

    private bool Sees(int row, int key)
    {
        (int batch, int head, int query) = Place(row);
        int place = _position + query;
        return !(_options.IsCausal && key > place) && !(key < place - (long)(_options.WindowBefore ?? int.MaxValue)) && !(key > place + (long)(_options.WindowAfter ?? int.MaxValue))
            && (_options.Mask is not ScoreGrid<bool> mask || At(mask, batch, head, query, key));
    }

    private double Slope(int row, int key)
    {
        (int batch, int head, int query) = Place(row);
        double slope = Scale;
        if (_options.Softcap is double cap)
        {
            double tanh = Math.Tanh(Dot(row, key) * Scale / cap);
            slope *= 1 - (tanh * tanh);
        }

        return _score == null ? slope : slope * _score.Derivative(BeforeFunction(row, key), batch, head, query, key);
    }

    private double[] Weights(int row)
    {
        (int batch, int head, int query) = Place(row);
        double[] scores = new double[_shape.KeyLength];
        double sink = _options.Sinks.IsEmpty ? double.NegativeInfinity : _options.Sinks.Span[head], max = sink;
        for (int key = 0; key < scores.Length; key++)
        {
            double x = Sees(row, key) ? BeforeFunction(row, key) : double.NegativeInfinity;
            scores[key] = Sees(row, key) && _score != null ? _score.Score(x, batch, head, query, key) : x;
            max = Math.Max(max, scores[key]);
        }

        if (double.IsNegativeInfinity(max))
        {
            LogSumExp[row] = max;
            return new double[scores.Length];
        }

        double sum = Math.Exp(sink - max);
        foreach (double x in scores)
        {
            sum += Math.Exp(x - max);
        }

        LogSumExp[row] = max + Math.Log(sum);
        return [.. scores.Select(x => Math.Exp(x - max) / sum)];
    }

    private static T At<T>(in ScoreGrid<T> grid, int batch, int head, int query, int key)
        where T : unmanaged
    {
        return grid.Values.Span[IndexOf(grid, batch, head, query, key)];
    }

    private static int IndexOf<T>(in ScoreGrid<T> grid, int batch, int head, int query, int key)
        where T : unmanaged
    {
        int b = grid.Batch == 1 ? 0 : batch, h = grid.Heads == 1 ? 0 : head, q = grid.Queries == 1 ? 0 : query, k = grid.Keys == 1 ? 0 : key;
        return (((((b * grid.Heads) + h) * grid.Queries) + q) * grid.Keys) + k;
    }

    /// <summary>Plain or causal attention in float, three loops and no care.</summary>
    public static (float[] Output, float[] LogSumExp) Naive(float[] query, float[] key, float[] value, in AttentionShape shape, bool isCausal)
    {
        int d = shape.HeadSize, e = shape.ValueSize, rows = shape.Batch * shape.Heads * shape.QueryLength;
        float[] output = new float[rows * e], scores = new float[shape.KeyLength], logSumExp = new float[rows];
        float scale = 1 / MathF.Sqrt(d);
        for (int row = 0; row < rows; row++)
        {
            int head = row / shape.QueryLength, keyRow = head / shape.Heads * shape.KeyValueHeads;
            keyRow = (keyRow + (head % shape.Heads / (shape.Heads / shape.KeyValueHeads))) * shape.KeyLength;
            int keys = isCausal ? Math.Min(shape.KeyLength, (row % shape.QueryLength) + 1) : shape.KeyLength;
            float max = float.NegativeInfinity, sum = 0;
            for (int j = 0; j < keys; j++)
            {
                float dot = 0;
                for (int i = 0; i < d; i++)
                {
                    dot += query[(row * d) + i] * key[((keyRow + j) * d) + i];
                }

                scores[j] = dot * scale;
                max = Math.Max(max, scores[j]);
            }

            for (int j = 0; j < keys; j++)
            {
                scores[j] = MathF.Exp(scores[j] - max);
                sum += scores[j];
            }

            logSumExp[row] = max + MathF.Log(sum);
            for (int j = 0; j < keys; j++)
            {
                for (int i = 0; i < e; i++)
                {
                    output[(row * e) + i] += scores[j] / sum * value[((keyRow + j) * e) + i];
                }
            }
        }

        return (output, logSumExp);
    }
}
