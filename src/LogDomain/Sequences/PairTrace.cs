using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>The best alignment, cell by cell, with the way back.</summary>
internal static class PairTrace
{
    private const byte FromBegin = 3;

    public static PairPath Best(PairModel model)
    {
        int n = model.A.Length, m = model.B.Length, width = m + 1;
        byte[] ways = new byte[checked((n + 1) * width * 3)];
        double[] before = new double[width * 3], row = new double[width * 3];
        Array.Fill(before, double.NegativeInfinity);
        (double Score, int State, int I, int J) best = (model.Empty, -1, 0, 0);
        for (int i = 0; i <= n; i++)
        {
            for (int j = 0; j <= m; j++)
            {
                for (int state = 0; state < 3; state++)
                {
                    int di = state == PairModel.Second ? 0 : 1, dj = state == PairModel.First ? 0 : 1;
                    double score = double.NegativeInfinity;
                    if (i >= di && j >= dj)
                    {
                        double[] from = di == 1 ? before : row;
                        byte way = FromBegin;
                        score = model.MayBegin(i - di, j - dj) ? model.Begin[state] : double.NegativeInfinity;
                        for (byte s = 0; s < 3; s++)
                        {
                            double other = from[((j - dj) * 3) + s] + model.Transitions[(s * 3) + state];
                            if (other > score)
                            {
                                score = other;
                                way = s;
                            }
                        }

                        score += model.Emission(state, i, j);
                        ways[(((i * width) + j) * 3) + state] = way;
                    }

                    row[(j * 3) + state] = score;
                    if (model.MayEnd(i, j) && score + model.End[state] > best.Score)
                    {
                        best = (score + model.End[state], state, i, j);
                    }
                }
            }

            (before, row) = (row, before);
        }

        List<PairColumn> columns = [];
        for ((int state, int i, int j) = (best.State, best.I, best.J); state >= 0 && state != FromBegin;)
        {
            columns.Add(new(state == PairModel.Second ? -1 : i - 1, state == PairModel.First ? -1 : j - 1));
            byte way = ways[(((i * width) + j) * 3) + state];
            i -= state == PairModel.Second ? 0 : 1;
            j -= state == PairModel.First ? 0 : 1;
            state = way;
        }

        columns.Reverse();
        return new(columns, best.Score);
    }
}
