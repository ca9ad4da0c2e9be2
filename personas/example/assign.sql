-- Places customers into the groups of a study by its frozen model, as `personas assign` does. It reads a table
--   customers with one row per customer and these columns:
-- Numbers, as the study's customer features define them (shares from 0 to 1): "orders", "recency_days",
--   "average_order_value", "discount_share", "coupon_share", "monday_share", "saturday_share", "sunday_share",
--   "morning_share", "evening_share", "channel_web_share", "channel_app_share".
-- Answers on a scale, counted from 0: "origin", "ingredients", "pay_more", "packaging", "wait_sale", "compare",
--   "coupon_first", "little_time", "fixed_day", "doubt_labels".
-- Ticked 1 or not ticked 0: "reasons: price", "reasons: less harm to nature", "reasons: quality", "reasons: fast
--   delivery", "reasons: invoice", "reasons: smell".
-- Answers as text: "household", "buys_for".
-- NULL means not known. A missing number of behaviour takes the median of the study, a question that was not
--   answered adds nothing, and without orders (NULL or 0) the model does not place anybody.
-- It gives customer_id, persona (persona-1, persona-2, persona-3, one-order, no-order and unassigned), its
--   probability, and p_ for each group of the model, which is NULL where a rule decided.
WITH units AS (
SELECT
  "customer_id",
  "origin",
  "ingredients",
  "pay_more",
  "packaging",
  "wait_sale",
  "compare",
  "coupon_first",
  "little_time",
  "fixed_day",
  "doubt_labels",
  "household",
  "buys_for",
  "reasons: price",
  "reasons: less harm to nature",
  "reasons: quality",
  "reasons: fast delivery",
  "reasons: invoice",
  "reasons: smell",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE
              WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
              THEN "recency_days"
              ELSE NULL
            END,
            24.99999999944147
          ),
          206.36943837856785
        ),
        1.0000000000801095
      ) + 1
    ) - 3.232648742
  ) / 1.238095783 AS "z_recency_days",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END,
            7.000000002561313
          ),
          24.365436737856722
        ),
        2.000000000995671
      ) + 1
    ) - 2.040167148
  ) / 0.5441689923 AS "z_orders",
  (
    LN(
      GREATEST(
        LEAST(
          COALESCE(
            CASE
              WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
              THEN "average_order_value"
              ELSE NULL
            END,
            31.391923369369017
          ),
          134.48444721082163
        ),
        7.833259943442284
      ) + 1
    ) - 3.555411871
  ) / 0.6679847088 AS "z_average_order_value",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.723654154
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.497928683
            )
          ),
          -0.003549043052
        ),
        2.167373026
      ),
      -1.29924401
    ) - 0.1818697609
  ) / 0.8834406126 AS "z_discount_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 0.526813912
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.047157582
            )
          ),
          -0.9748316494
        ),
        2.115689368
      ),
      -3.497983126
    ) - -0.9713839625
  ) / 1.456962077 AS "z_coupon_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.006807402
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 3.239053739
            )
          ),
          -1.412340398
        ),
        0.472437075
      ),
      -2.950157926
    ) - -1.334638537
  ) / 0.823914151 AS "z_monday_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.60021198
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 4.563271164
            )
          ),
          -1.166841069
        ),
        0.2857238137
      ),
      -2.50351778
    ) - -1.141895452
  ) / 0.629387205 AS "z_weekend_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.460951596
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 2.605605632
            )
          ),
          -0.7447052738
        ),
        1.148720759
      ),
      -2.231393885
    ) - -0.6658602907
  ) / 0.7749872767 AS "z_morning_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.380131059
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 3.129565479
            )
          ),
          -0.8921538598
        ),
        0.7029689904
      ),
      -2.539620583
    ) - -0.9268712811
  ) / 0.7602722103 AS "z_evening_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 2.082713125
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 1.347288679
            )
          ),
          0.4691588246
        ),
        2.346853839
      ),
      -1.388265346
    ) - 0.5058335826
  ) / 0.8771954398 AS "z_channel_web_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                CASE
                  WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
                  THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
                  ELSE NULL
                END * CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END
              ) + 1.03912705
            ) / (
              (
                CASE
                  WHEN "orders" BETWEEN -1E+300 AND 1e+300
                  THEN GREATEST("orders", 0.0)
                  ELSE NULL
                END - (
                  CASE
                    WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
                    THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
                    ELSE NULL
                  END * CASE
                    WHEN "orders" BETWEEN -1E+300 AND 1e+300
                    THEN GREATEST("orders", 0.0)
                    ELSE NULL
                  END
                )
              ) + 2.209330998
            )
          ),
          -0.927273514
        ),
        1.035500101
      ),
      -2.747206079
    ) - -0.8962406919
  ) / 0.9304639576 AS "z_channel_app_share",
  CASE
    WHEN (
      (
        (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) * 2
      ) >= 10
    )
    AND (
      (
        (
          COALESCE(
            POWER(
              (
                "origin" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "ingredients" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "pay_more" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                (
                  4.0 - "packaging"
                ) - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "wait_sale" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "compare" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "coupon_first" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "little_time" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "fixed_day" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          ) + COALESCE(
            POWER(
              (
                "doubt_labels" - (
                  (
                    COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                  ) / (
                    CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                  )
                )
              ),
              2
            ),
            0.0
          )
        ) / (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        )
      ) > CASE
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 0
        THEN -1.0
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 1
        THEN -1.0
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 2
        THEN -1.0
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 3
        THEN -1.0
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 4
        THEN 0.04019113066
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 5
        THEN 0.07799123863
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 6
        THEN 0.1164025961
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 7
        THEN 0.1526158078
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 8
        THEN 0.1858563458
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 9
        THEN 0.2161027802
        WHEN (
          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
        ) = 10
        THEN 0.2435884192
        ELSE -1.0
      END
    )
    THEN (
      COALESCE((
        "origin" - 2.29342723
      ) * 1.0, 0.0) + COALESCE((
        "ingredients" - 2.255924171
      ) * 1.0, 0.0) + COALESCE((
        "pay_more" - 2.112171838
      ) * 1.0, 0.0) + COALESCE((
        "packaging" - 2.460992908
      ) * -1.0, 0.0) + COALESCE((
        "wait_sale" - 1.972027972
      ) * 1.0, 0.0) + COALESCE((
        "compare" - 2.287735849
      ) * 1.0, 0.0) + COALESCE((
        "coupon_first" - 1.692307692
      ) * 1.0, 0.0) + COALESCE((
        "little_time" - 2.351415094
      ) * 1.0, 0.0) + COALESCE((
        "fixed_day" - 1.695550351
      ) * 1.0, 0.0) + COALESCE((
        "doubt_labels" - 2.36643026
      ) * 1.0, 0.0)
    ) / (
      CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
    )
    ELSE NULL
  END AS "rating_level",
  CASE
    WHEN COALESCE("orders", 0.0) = 0
    THEN 'no-order'
    WHEN "orders" <= 1
    THEN 'one-order'
    WHEN NOT (
      (
        COALESCE(
          "household" IN ('alone', 'couple', 'family with children', 'shared flat'),
          FALSE
        )
        AND TRUE
      )
      OR (
        COALESCE("buys_for" IN ('both', 'home', 'work'), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: price" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: less harm to nature" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: quality" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: fast delivery" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: invoice" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        COALESCE("reasons: smell" IN (0.0, 1.0), FALSE) AND TRUE
      )
      OR (
        CASE
          WHEN (
            (
              (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) * 2
            ) >= 10
          )
          AND (
            (
              (
                COALESCE(
                  POWER(
                    (
                      "origin" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "ingredients" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "pay_more" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      (
                        4.0 - "packaging"
                      ) - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "wait_sale" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "compare" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "coupon_first" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "little_time" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "fixed_day" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                ) + COALESCE(
                  POWER(
                    (
                      "doubt_labels" - (
                        (
                          COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE(4.0 - "packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
                        ) / (
                          CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
                        )
                      )
                    ),
                    2
                  ),
                  0.0
                )
              ) / (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              )
            ) > CASE
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 0
              THEN -1.0
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 1
              THEN -1.0
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 2
              THEN -1.0
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 3
              THEN -1.0
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 4
              THEN 0.04019113066
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 5
              THEN 0.07799123863
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 6
              THEN 0.1164025961
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 7
              THEN 0.1526158078
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 8
              THEN 0.1858563458
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 9
              THEN 0.2161027802
              WHEN (
                CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
              ) = 10
              THEN 0.2435884192
              ELSE -1.0
            END
          )
          THEN (
            COALESCE((
              "origin" - 2.29342723
            ) * 1.0, 0.0) + COALESCE((
              "ingredients" - 2.255924171
            ) * 1.0, 0.0) + COALESCE((
              "pay_more" - 2.112171838
            ) * 1.0, 0.0) + COALESCE((
              "packaging" - 2.460992908
            ) * -1.0, 0.0) + COALESCE((
              "wait_sale" - 1.972027972
            ) * 1.0, 0.0) + COALESCE((
              "compare" - 2.287735849
            ) * 1.0, 0.0) + COALESCE((
              "coupon_first" - 1.692307692
            ) * 1.0, 0.0) + COALESCE((
              "little_time" - 2.351415094
            ) * 1.0, 0.0) + COALESCE((
              "fixed_day" - 1.695550351
            ) * 1.0, 0.0) + COALESCE((
              "doubt_labels" - 2.36643026
            ) * 1.0, 0.0)
          ) / (
            CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
          )
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
          THEN "recency_days"
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END IS NOT NULL
      )
      OR (
        CASE
          WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
          THEN "average_order_value"
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "discount_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("discount_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "coupon_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("coupon_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "monday_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("monday_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("saturday_share" + "sunday_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "morning_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("morning_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "evening_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("evening_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "channel_web_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("channel_web_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
      OR (
        CASE
          WHEN "channel_app_share" BETWEEN -0.000001 AND 1.000001
          THEN GREATEST(LEAST("channel_app_share", 1.0), 0.0)
          ELSE NULL
        END IS NOT NULL
      )
    )
    THEN 'unassigned'
    ELSE NULL
  END AS "by_rule"
FROM "customers"
), scores AS (
SELECT
  "customer_id",
  "by_rule",
  -3.07791831075018 + (
    "z_recency_days" * 0.014947026811732959
  ) + (
    "z_orders" * 0.20037469555258747
  ) + (
    "z_average_order_value" * -2.02841767624083
  ) + (
    "z_discount_share" * 0.9511793726721612
  ) + (
    "z_coupon_share" * 0.6973911614670169
  ) + (
    "z_monday_share" * -0.44154900108642836
  ) + (
    "z_weekend_share" * -0.4322883451638038
  ) + (
    "z_morning_share" * 0.15749323334626752
  ) + (
    "z_evening_share" * 0.44567273090732346
  ) + (
    "z_channel_web_share" * 0.1517486580247675
  ) + (
    "z_channel_app_share" * 0.7207989953758603
  ) + COALESCE(
    -0.8928817921957191 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "origin" - (
                  "rating_level" * 1.0
                )
              ) - -0.5710479381
            ) - 2.29342723
          ),
          2
        )
        ELSE NULL
      END / 1.8984422824
    ),
    0.0
  ) + COALESCE(
    -0.8707215966740826 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "ingredients" - (
                  "rating_level" * 1.0
                )
              ) - -0.511965373
            ) - 2.255924171
          ),
          2
        )
        ELSE NULL
      END / 1.816139887
    ),
    0.0
  ) + COALESCE(
    -0.7117740505910586 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "pay_more" - (
                  "rating_level" * 1.0
                )
              ) - -0.6328538095
            ) - 2.112171838
          ),
          2
        )
        ELSE NULL
      END / 1.3215670814
    ),
    0.0
  ) + COALESCE(
    -0.8285720722133106 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "packaging" - (
                  "rating_level" * -1.0
                )
              ) - -0.3489541168
            ) - 2.460992908
          ),
          2
        )
        ELSE NULL
      END / 1.6693164956
    ),
    0.0
  ) + COALESCE(
    -0.7031758373750562 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "wait_sale" - (
                  "rating_level" * 1.0
                )
              ) - 0.8508346842
            ) - 1.972027972
          ),
          2
        )
        ELSE NULL
      END / 1.29903514
    ),
    0.0
  ) + COALESCE(
    -0.7455835370044888 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "compare" - (
                  "rating_level" * 1.0
                )
              ) - 0.4756956257
            ) - 2.287735849
          ),
          2
        )
        ELSE NULL
      END / 1.4140206738
    ),
    0.0
  ) + COALESCE(
    -0.8352748996221641 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "coupon_first" - (
                  "rating_level" * 1.0
                )
              ) - 0.8279955231
            ) - 1.692307692
          ),
          2
        )
        ELSE NULL
      END / 1.6918454466
    ),
    0.0
  ) + COALESCE(
    -0.8630809491575233 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "little_time" - (
                  "rating_level" * 1.0
                )
              ) - -0.2011872822
            ) - 2.351415094
          ),
          2
        )
        ELSE NULL
      END / 1.7885978922
    ),
    0.0
  ) + COALESCE(
    -0.7821664449614987 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "fixed_day" - (
                  "rating_level" * 1.0
                )
              ) - -0.3379540103
            ) - 1.695550351
          ),
          2
        )
        ELSE NULL
      END / 1.521357463
    ),
    0.0
  ) + COALESCE(
    -0.8453699980770465 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "doubt_labels" - (
                  "rating_level" * 1.0
                )
              ) - -0.2459745495
            ) - 2.36643026
          ),
          2
        )
        ELSE NULL
      END / 1.7263513072
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3839011251949287
    WHEN "household" = 'couple'
    THEN -1.2009959385907094
    WHEN "household" = 'family with children'
    THEN -1.2803404887329908
    WHEN "household" = 'shared flat'
    THEN -1.7686450601752677
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.6503941200108203
    WHEN "buys_for" = 'home'
    THEN -0.07324121166837474
    WHEN "buys_for" = 'work'
    THEN -34.538776394910684
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -1.4157460528139745
    WHEN "reasons: price" = 1.0
    THEN -0.2780544942717132
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5456757350096721
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8661921295595688
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.7666078127141924
    WHEN "reasons: quality" = 1.0
    THEN -0.6247156762367267
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6236323261831027
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7678577794259057
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.322824240960586
    WHEN "reasons: invoice" = 1.0
    THEN -1.2877208227760581
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.30213826213042166
    WHEN "reasons: smell" = 1.0
    THEN -1.3441389181173586
    ELSE 0.0
  END AS "s_persona-1",
  -1.883732381072193 + (
    "z_recency_days" * -0.03593949294575388
  ) + (
    "z_orders" * -0.023428751407654887
  ) + (
    "z_average_order_value" * -0.5499972322085785
  ) + (
    "z_discount_share" * -1.5148149376828932
  ) + (
    "z_coupon_share" * -0.3522460431985739
  ) + (
    "z_monday_share" * -0.5246228184822675
  ) + (
    "z_weekend_share" * 0.47970728933210355
  ) + (
    "z_morning_share" * -0.41722661379673126
  ) + (
    "z_evening_share" * -0.07638635804331763
  ) + (
    "z_channel_web_share" * 0.05585911095576185
  ) + (
    "z_channel_app_share" * -0.37268075765380043
  ) + COALESCE(
    -0.792257391666499 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "origin" - (
                  "rating_level" * 1.0
                )
              ) - 0.6354315742
            ) - 2.29342723
          ),
          2
        )
        ELSE NULL
      END / 1.5523732632
    ),
    0.0
  ) + COALESCE(
    -0.7474633032694737 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "ingredients" - (
                  "rating_level" * 1.0
                )
              ) - 0.7227006418
            ) - 2.255924171
          ),
          2
        )
        ELSE NULL
      END / 1.419346736
    ),
    0.0
  ) + COALESCE(
    -0.8113089966231225 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "pay_more" - (
                  "rating_level" * 1.0
                )
              ) - 0.5066293849
            ) - 2.112171838
          ),
          2
        )
        ELSE NULL
      END / 1.612665028
    ),
    0.0
  ) + COALESCE(
    -0.7238842643619813 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "packaging" - (
                  "rating_level" * -1.0
                )
              ) - 0.4600355177
            ) - 2.460992908
          ),
          2
        )
        ELSE NULL
      END / 1.3539667846
    ),
    0.0
  ) + COALESCE(
    -0.7850868635920465 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "wait_sale" - (
                  "rating_level" * 1.0
                )
              ) - -0.4325698098
            ) - 1.972027972
          ),
          2
        )
        ELSE NULL
      END / 1.5302694658
    ),
    0.0
  ) + COALESCE(
    -0.817890322686107 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "compare" - (
                  "rating_level" * 1.0
                )
              ) - -0.2489726303
            ) - 2.287735849
          ),
          2
        )
        ELSE NULL
      END / 1.6340322932
    ),
    0.0
  ) + COALESCE(
    -0.7427038101204905 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "coupon_first" - (
                  "rating_level" * 1.0
                )
              ) - -0.5080645778
            ) - 1.692307692
          ),
          2
        )
        ELSE NULL
      END / 1.4059000946
    ),
    0.0
  ) + COALESCE(
    -0.8936580067232716 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "little_time" - (
                  "rating_level" * 1.0
                )
              ) - -0.2896063342
            ) - 2.351415094
          ),
          2
        )
        ELSE NULL
      END / 1.9013917682
    ),
    0.0
  ) + COALESCE(
    -0.853744732303052 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "fixed_day" - (
                  "rating_level" * 1.0
                )
              ) - -0.3086908743
            ) - 1.695550351
          ),
          2
        )
        ELSE NULL
      END / 1.755510291
    ),
    0.0
  ) + COALESCE(
    -0.744897756293392 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "doubt_labels" - (
                  "rating_level" * 1.0
                )
              ) - 0.4006349408
            ) - 2.36643026
          ),
          2
        )
        ELSE NULL
      END / 1.412082587
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3584090873783574
    WHEN "household" = 'couple'
    THEN -1.4277146354071328
    WHEN "household" = 'family with children'
    THEN -1.4264160188498816
    WHEN "household" = 'shared flat'
    THEN -1.3359588099620034
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.186570928423647
    WHEN "buys_for" = 'home'
    THEN -0.13762541932683733
    WHEN "buys_for" = 'work'
    THEN -4.118200518002411
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7782763401417429
    WHEN "reasons: price" = 1.0
    THEN -0.6146998901803398
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -1.3449303031105981
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.301859251820102
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8308579150511274
    WHEN "reasons: quality" = 1.0
    THEN -0.572125578724777
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6380959155774324
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7514065551053658
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.3149414330900243
    WHEN "reasons: invoice" = 1.0
    THEN -1.3087098736260956
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.2629348551734107
    WHEN "reasons: smell" = 1.0
    THEN -1.4644374477165705
    ELSE 0.0
  END AS "s_persona-2",
  -5.091200200939053 + (
    "z_recency_days" * -0.05424677894718935
  ) + (
    "z_orders" * -0.3153604613336841
  ) + (
    "z_average_order_value" * 3.4098875698862128
  ) + (
    "z_discount_share" * -0.535983546809414
  ) + (
    "z_coupon_share" * 0.29355918338154485
  ) + (
    "z_monday_share" * 1.1992829154042088
  ) + (
    "z_weekend_share" * -0.0834017226529649
  ) + (
    "z_morning_share" * 0.2888022407256751
  ) + (
    "z_evening_share" * -0.7487158740277232
  ) + (
    "z_channel_web_share" * 0.5434689370982112
  ) + (
    "z_channel_app_share" * -0.04661495186737929
  ) + COALESCE(
    -0.8697849996855611 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "origin" - (
                  "rating_level" * 1.0
                )
              ) - -0.3289623736
            ) - 2.29342723
          ),
          2
        )
        ELSE NULL
      END / 1.812741089
    ),
    0.0
  ) + COALESCE(
    -0.7264640258040906 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "ingredients" - (
                  "rating_level" * 1.0
                )
              ) - -0.554544572
            ) - 2.255924171
          ),
          2
        )
        ELSE NULL
      END / 1.36097066
    ),
    0.0
  ) + COALESCE(
    -0.8744498276202226 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "pay_more" - (
                  "rating_level" * 1.0
                )
              ) - -0.007273187848
            ) - 2.112171838
          ),
          2
        )
        ELSE NULL
      END / 1.8297324782
    ),
    0.0
  ) + COALESCE(
    -0.7255908588334984 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "packaging" - (
                  "rating_level" * -1.0
                )
              ) - -0.3364987587
            ) - 2.460992908
          ),
          2
        )
        ELSE NULL
      END / 1.3585960248
    ),
    0.0
  ) + COALESCE(
    -0.690162734313967 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "wait_sale" - (
                  "rating_level" * 1.0
                )
              ) - -0.4042012932
            ) - 1.972027972
          ),
          2
        )
        ELSE NULL
      END / 1.265662351
    ),
    0.0
  ) + COALESCE(
    -0.7846635319003002 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "compare" - (
                  "rating_level" * 1.0
                )
              ) - -0.1972469825
            ) - 2.287735849
          ),
          2
        )
        ELSE NULL
      END / 1.528974391
    ),
    0.0
  ) + COALESCE(
    -0.9153260504953367 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "coupon_first" - (
                  "rating_level" * 1.0
                )
              ) - -0.2479800336
            ) - 1.692307692
          ),
          2
        )
        ELSE NULL
      END / 1.9856021438
    ),
    0.0
  ) + COALESCE(
    -0.6330924452508193 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "little_time" - (
                  "rating_level" * 1.0
                )
              ) - 0.7581317062
            ) - 2.351415094
          ),
          2
        )
        ELSE NULL
      END / 1.1291385588
    ),
    0.0
  ) + COALESCE(
    -0.6388429626074876 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "fixed_day" - (
                  "rating_level" * 1.0
                )
              ) - 1.029345806
            ) - 1.695550351
          ),
          2
        )
        ELSE NULL
      END / 1.1421997854
    ),
    0.0
  ) + COALESCE(
    -0.8453737216390105 - (
      CASE
        WHEN "rating_level" IS NOT NULL
        THEN POWER(
          (
            (
              (
                "doubt_labels" - (
                  "rating_level" * 1.0
                )
              ) - -0.3743952255
            ) - 2.36643026
          ),
          2
        )
        ELSE NULL
      END / 1.7263641636
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.5665052044775216
    WHEN "household" = 'couple'
    THEN -1.0542115838093944
    WHEN "household" = 'family with children'
    THEN -1.6054925262161035
    WHEN "household" = 'shared flat'
    THEN -1.4189465764378952
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -1.3343910755547927
    WHEN "buys_for" = 'home'
    THEN -1.4311178902782684
    WHEN "buys_for" = 'work'
    THEN -0.6978783915084702
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7264199217025532
    WHEN "reasons: price" = 1.0
    THEN -0.6609459580248963
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5756314394680158
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8263350136935033
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8167268444256292
    WHEN "reasons: quality" = 1.0
    THEN -0.5831734340933072
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -1.180231251329074
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.36702501908186114
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.7561424212742609
    WHEN "reasons: invoice" = 1.0
    THEN -0.6338862574757452
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.2865352871947586
    WHEN "reasons: smell" = 1.0
    THEN -1.3897426287670278
    ELSE 0.0
  END AS "s_persona-3"
FROM "units"
), likelihoods AS (
SELECT
  "customer_id",
  "by_rule",
  EXP(
    (
      "s_persona-1" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541274755
  ) AS "e_persona-1",
  EXP(
    (
      "s_persona-2" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541274755
  ) AS "e_persona-2",
  EXP(
    (
      "s_persona-3" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541274755
  ) AS "e_persona-3"
FROM "scores"
), posterior AS (
SELECT
  "customer_id",
  "by_rule",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-1" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-1",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-2" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-2",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-3" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-3"
FROM "likelihoods"
), placed AS (
SELECT
  "customer_id",
  COALESCE(
    "by_rule",
    CASE
      WHEN "p_persona-1" >= 0.8
      THEN 'persona-1'
      WHEN "p_persona-2" >= 0.8
      THEN 'persona-2'
      WHEN "p_persona-3" >= 0.8
      THEN 'persona-3'
      ELSE 'unassigned'
    END
  ) AS "persona",
  CASE
    WHEN "by_rule" IS NULL
    THEN GREATEST("p_persona-1", "p_persona-2", "p_persona-3")
    WHEN "by_rule" <> 'unassigned'
    THEN 1.0
    ELSE NULL
  END AS "probability",
  "p_persona-1",
  "p_persona-2",
  "p_persona-3"
FROM "posterior"
)
SELECT * FROM placed;
